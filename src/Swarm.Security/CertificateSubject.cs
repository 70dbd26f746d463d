// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;

namespace Swarm.Security;

/// <summary>The three parts of a certificate's subject that a cluster uses; an empty text where a part is absent.</summary>
/// <param name="Organization">O: the id of the cluster.</param>
/// <param name="OrganizationalUnit">OU: the role.</param>
/// <param name="CommonName">CN: the id of the node.</param>
public sealed record CertificateSubject(string Organization, string OrganizationalUnit, string CommonName)
{
    /// <summary>Reads the subject of a certificate. A part that occurs twice is taken for absent: it could be read either way.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <returns>The subject.</returns>
    public static CertificateSubject Read(X509Certificate2 certificate)
    {
        string organization = "", unit = "", name = "";
        int organizations = 0, units = 0, names = 0;
        foreach (X500RelativeDistinguishedName part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements)
            {
                return new CertificateSubject("", "", "");
            }

            string value = part.GetSingleElementValue() ?? "";
            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.10":
                    organization = organizations++ == 0 ? value : "";
                    break;
                case "2.5.4.11":
                    unit = units++ == 0 ? value : "";
                    break;
                case "2.5.4.3":
                    name = names++ == 0 ? value : "";
                    break;
            }
        }

        return new CertificateSubject(organization, unit, name);
    }
}
