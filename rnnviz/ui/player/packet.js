// Unpacks the bytes of packet.py: four bytes of header length, a JSON header, the values.
function unpack(bytes) {
  const raw = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const size = new DataView(raw.buffer, raw.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + size)));
  // A copy, because a typed array must begin at a multiple of its numbers' bytes.
  const values = raw.slice(4 + size).buffer;
  header.values = header.isDouble ? new Float64Array(values) : new Float32Array(values);
  return header;
}
