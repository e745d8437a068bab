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

// The bytes of a header and numbers, as packet.py packs them in float64.
function pack(header, arrays = []) {
  const text = new TextEncoder().encode(JSON.stringify({ ...header, isDouble: true }));
  const size = arrays.reduce((sum, array) => sum + array.length, 0);
  const bytes = new Uint8Array(4 + text.length + 8 * size);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  const values = new Float64Array(size);
  let at = 0;
  for (const array of arrays) values.set(array, (at += array.length) - array.length);
  bytes.set(new Uint8Array(values.buffer), 4 + text.length);
  return bytes;
}
