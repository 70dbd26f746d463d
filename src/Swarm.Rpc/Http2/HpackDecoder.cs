// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc.Http2;

/// <summary>
/// Decodes header blocks (RFC 7541). It holds the dynamic table that the client's encoder counts on, so every block of a
/// connection must pass through it, in order. Not thread-safe.
/// </summary>
/// <param name="tableSizeMax">The table size that the server allows the client (SETTINGS_HEADER_TABLE_SIZE).</param>
/// <param name="listSizeMax">Bound of one decoded block, each field counted as in the table.</param>
internal sealed class HpackDecoder(int tableSizeMax, int listSizeMax)
{
    private readonly int _tableSizeMax = tableSizeMax;

    // The newest entry is first, as indexes count.
    private readonly LinkedList<HeaderField> _table = new();
    private int _tableSize;
    private int _tableLimit = tableSizeMax;

    /// <summary>Entries in the dynamic table, newest first.</summary>
    public IReadOnlyCollection<HeaderField> Table => _table;

    /// <summary>Size of the dynamic table as RFC 7541 §4.1 counts.</summary>
    public int TableSize => _tableSize;

    /// <summary>Decodes one whole block.</summary>
    /// <exception cref="HpackException">It is damaged or too large.</exception>
    public List<HeaderField> Decode(ReadOnlySpan<byte> block)
    {
        var fields = new List<HeaderField>();
        int size = 0;
        while (!block.IsEmpty)
        {
            byte first = block[0];
            if ((first & 0xe0) == 0x20)
            {
                Resize(ReadInteger(ref block, 5), fields.Count);
                continue;
            }

            HeaderField field = (first & 0x80) != 0 ? Get(ReadInteger(ref block, 7)) : ReadLiteral(ref block, first);
            size += field.Size;
            if (size > listSizeMax)
            {
                throw new HpackException($"headers of more than {listSizeMax} bytes");
            }

            fields.Add(field);
        }

        return fields;
    }

    private HeaderField ReadLiteral(ref ReadOnlySpan<byte> block, byte first)
    {
        bool indexed = (first & 0x40) != 0;
        bool sensitive = (first & 0xf0) == 0x10;
        int index = ReadInteger(ref block, indexed ? 6 : 4);
        byte[] name = index == 0 ? ReadString(ref block) : Get(index).Name;
        var field = new HeaderField(name, ReadString(ref block), sensitive);
        if (indexed)
        {
            Add(field);
        }

        return field;
    }

    private void Add(HeaderField field)
    {
        // A field larger than the table empties it and is not kept (RFC 7541 §4.4).
        Evict(_tableLimit - field.Size);
        if (field.Size <= _tableLimit)
        {
            _table.AddFirst(field);
            _tableSize += field.Size;
        }
    }

    private void Resize(int limit, int fieldsBefore)
    {
        if (fieldsBefore > 0 || limit > _tableSizeMax)
        {
            throw new HpackException("a change of the header table size that is not allowed");
        }

        _tableLimit = limit;
        Evict(limit);
    }

    private void Evict(int limit)
    {
        while (_tableSize > limit && _table.Last is { } oldest)
        {
            _tableSize -= oldest.Value.Size;
            _table.RemoveLast();
        }
    }

    private HeaderField Get(int index)
    {
        if (index >= 1 && index <= HpackStaticTable.Count)
        {
            return HpackStaticTable.Get(index);
        }

        int at = index - HpackStaticTable.Count - 1;
        return at >= 0 && at < _table.Count ? _table.ElementAt(at) : throw new HpackException($"no header has the index {index}");
    }

    private static int ReadInteger(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        int mask = (1 << prefixBits) - 1;
        int value = block[0] & mask;
        block = block[1..];
        if (value < mask)
        {
            return value;
        }

        for (int shift = 0; ; shift += 7)
        {
            // Four more bytes are enough for every number that can be meant.
            if (block.IsEmpty || shift > 21)
            {
                throw new HpackException("a number in the headers is cut off or too large");
            }

            byte next = block[0];
            block = block[1..];
            value += (next & 0x7f) << shift;
            if ((next & 0x80) == 0)
            {
                return value;
            }
        }
    }

    private byte[] ReadString(ref ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
        {
            throw new HpackException("a text in the headers is cut off");
        }

        bool huffman = (block[0] & 0x80) != 0;
        int length = ReadInteger(ref block, 7);
        if (length > block.Length || length > listSizeMax)
        {
            throw new HpackException("a text in the headers is cut off or too long");
        }

        ReadOnlySpan<byte> data = block[..length];
        block = block[length..];
        return huffman ? HpackHuffman.Decode(data) : data.ToArray();
    }
}
