// Unpacks the bytes of packet.py: four bytes of header length, a JSON header, float32 values.
function unpack(bytes) {
  const raw = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const size = new DataView(raw.buffer, raw.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + size)));
  // A copy, because a Float32Array must begin at a multiple of four bytes.
  header.values = new Float32Array(raw.slice(4 + size).buffer);
  return header;
}
