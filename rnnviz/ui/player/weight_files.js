// Arrays by name in a file that the reader opens in the page: safetensors, and NumPy's .npz. Nothing in
// a file is run; what is declared is checked before memory is taken.
// Hugging Face, "safetensors", Format; APPNOTE.TXT of PKWARE, 4.3; NumPy's NEP 1.
const MOST_BYTES = 32_000_000;
const MOST_HEADER = 1_000_000;
const MOST_ARRAYS = 2_000;
const FLOATS = { F64: [8, "f8"], F32: [4, "f4"], F16: [2, "f2"], BF16: [2, "bf"] };
const NPY_START = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

// Why a file is not opened: the name of a sentence, and what stands in its gaps.
class FileRefusal extends Error {
  constructor(reason, facts = {}) {
    super(reason);
    Object.assign(this, { reason, facts });
  }
}

// `arrays` by name { shape, read }: `read` gives the numbers, or is null where they are no floats;
// `metadata` the texts by name that travel with them.
async function contentIn(file) {
  // By its name: a PyTorch checkpoint is an archive too, and holds a pickle.
  const read = { npz: arraysInNpz, safetensors: arraysInSafetensors }[file.name.match(/\.(npz|safetensors)$/i)?.[1].toLowerCase()];
  if (!read) throw new FileRefusal("kind");
  if (file.size > MOST_BYTES) throw tooLarge(file.size, MOST_BYTES);
  return read(new Uint8Array(await file.arrayBuffer()));
}

function tooLarge(size, bound) {
  return new FileRefusal("large", { came: megabytes(size), bound: megabytes(bound) });
}

function megabytes(size) {
  return `${(size / 1e6).toFixed(size < 1e7 ? 1 : 0)} MB`;
}

function arraysInSafetensors(bytes) {
  const [size, text] = headerOf(bytes);
  const { __metadata__: metadata, ...tensors } = parsed(text);
  const entries = Object.entries(tensors);
  if (entries.length > MOST_ARRAYS) throw new FileRefusal("damaged");
  const body = bytes.subarray(8 + size);
  return { arrays: new Map(entries.map(([name, entry]) => [name, tensorOf(body, entry)])), metadata: textsOf(metadata) };
}

// What the format does not allow tells nothing.
function textsOf(metadata) {
  return Object.fromEntries(Object.entries(metadata ?? {}).filter(([, text]) => typeof text === "string"));
}

function headerOf(bytes) {
  if (bytes.length < 10) throw new FileRefusal("damaged");
  const size = Number(viewOf(bytes).getBigUint64(0, true));
  if (size < 2 || size > bytes.length - 8 || size > MOST_HEADER) throw new FileRefusal("damaged");
  return [size, new TextDecoder().decode(bytes.subarray(8, 8 + size))];
}

function parsed(text) {
  try {
    const header = JSON.parse(text);
    if (header && typeof header === "object" && !Array.isArray(header)) return header;
  } catch {
    // Said below.
  }
  throw new FileRefusal("damaged");
}

function tensorOf(body, entry) {
  const { dtype, shape, data_offsets: [start, end] = [] } = entry ?? {};
  const isSize = (size) => Number.isInteger(size) && size >= 0;
  if (!Array.isArray(shape) || ![...shape, start, end].every(isSize) || start > end || end > body.length) throw new FileRefusal("damaged");
  if (!Object.hasOwn(FLOATS, dtype)) return { shape, read: null };
  const [width, kind] = FLOATS[dtype];
  if (productOf(shape) * width !== end - start) throw new FileRefusal("damaged");
  return { shape, read: () => floatsIn(body.subarray(start, end), kind, true) };
}

function productOf(sizes) {
  return sizes.reduce((all, size) => all * size, 1);
}

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// Floats of 16 bits, IEEE's or the upper half of one of 32, of 32 or of 64.
function floatsIn(bytes, kind, isLittle) {
  const view = viewOf(bytes);
  const readers = {
    f8: [8, (at) => view.getFloat64(at, isLittle)],
    f4: [4, (at) => view.getFloat32(at, isLittle)],
    f2: [2, (at) => halfOf(view.getUint16(at, isLittle))],
    bf: [2, (at) => upperHalf(view.getUint16(at, isLittle))],
  };
  const [width, read] = readers[kind];
  return Float64Array.from({ length: bytes.length / width }, (_, at) => read(at * width));
}

function halfOf(bits) {
  const [sign, power, part] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (power === 31) return part ? NaN : sign * Infinity;
  return power ? sign * 2 ** (power - 15) * (1 + part / 1024) : sign * 2 ** -14 * (part / 1024);
}

function upperHalf(bits) {
  return new Float32Array(new Uint32Array([bits << 16]).buffer)[0];
}

async function arraysInNpz(bytes) {
  const members = membersOf(bytes);
  if (members.length > MOST_ARRAYS) throw new FileRefusal("damaged");
  const size = members.reduce((sum, member) => sum + member.size, 0);
  if (size > 2 * MOST_BYTES) throw tooLarge(size, 2 * MOST_BYTES);
  const found = new Map();
  for (const member of members) {
    if (member.name.endsWith(".npy")) found.set(member.name.slice(0, -4), arrayOf(await unpacked(bytes, member), member.name));
  }
  return { arrays: found, metadata: {} };
}

// Names and places of an archive's members, from its directory at the end.
function membersOf(bytes) {
  const view = viewOf(bytes);
  let at = bytes.length - 22;
  while (at >= 0 && at >= bytes.length - 66_000 && view.getUint32(at, true) !== 0x06054b50) at--;
  if (at < 0 || view.getUint32(at, true) !== 0x06054b50) throw new FileRefusal("damaged");
  const [count, start] = [view.getUint16(at + 10, true), view.getUint32(at + 16, true)];
  const members = [];
  for (let place = start; members.length < Math.min(count, MOST_ARRAYS + 1); ) {
    if (place + 46 > bytes.length || view.getUint32(place, true) !== 0x02014b50) throw new FileRefusal("damaged");
    const [nName, nExtra, nRemark] = [28, 30, 32].map((offset) => view.getUint16(place + offset, true));
    members.push({
      name: new TextDecoder().decode(bytes.subarray(place + 46, place + 46 + nName)),
      method: view.getUint16(place + 10, true),
      packedSize: view.getUint32(place + 20, true),
      size: view.getUint32(place + 24, true),
      start: view.getUint32(place + 42, true),
    });
    place += 46 + nName + nExtra + nRemark;
  }
  return members;
}

async function unpacked(bytes, { method, packedSize, size, start }) {
  const view = viewOf(bytes);
  if (start + 30 > bytes.length || view.getUint32(start, true) !== 0x04034b50) throw new FileRefusal("damaged");
  const from = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
  const packed = bytes.subarray(from, from + packedSize);
  if (packed.length !== packedSize) throw new FileRefusal("damaged");
  if (method === 0 && size === packedSize) return packed;
  if (method !== 8) throw new FileRefusal("damaged");
  if (typeof DecompressionStream === "undefined") throw new FileRefusal("packed");
  return inflated(packed, size);
}

// Not a byte more than was declared.
async function inflated(packed, size) {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const whole = new Uint8Array(size);
  let at = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (at + part.value.length > size) throw new FileRefusal("damaged");
      whole.set(part.value, at);
      at += part.value.length;
    }
  } catch {
    throw new FileRefusal("damaged");
  } finally {
    reader.cancel().catch(() => {});
  }
  if (at !== size) throw new FileRefusal("damaged");
  return whole;
}

function arrayOf(bytes, name) {
  if (bytes.length < 12 || !NPY_START.every((byte, at) => bytes[at] === byte)) throw new FileRefusal("damaged");
  const view = viewOf(bytes);
  const [from, size] = bytes[6] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (size > MOST_HEADER || from + size > bytes.length) throw new FileRefusal("damaged");
  const text = new TextDecoder("latin1").decode(bytes.subarray(from, from + size));
  const [type, order, sizes] = [/'descr':\s*'([^']*)'/, /'fortran_order':\s*(True|False)/, /'shape':\s*\(([\d,\s]*)\)/].map((form) => text.match(form)?.[1]);
  if (sizes === undefined || order === undefined) throw new FileRefusal("damaged");
  const shape = sizes.split(",").filter((one) => one.trim()).map(Number);
  if (/^.?O/.test(type ?? "")) throw new FileRefusal("objects", { array: name });
  const [, end, kind] = type?.match(/^([<>=|])(f[248])$/) ?? [];
  if (!kind) return { shape, read: null };
  const body = bytes.subarray(from + size);
  if (productOf(shape) * Number(kind[1]) !== body.length) throw new FileRefusal("damaged");
  const read = () => floatsIn(body, kind, end !== ">");
  // Of two axes only: no weight has more.
  return { shape, read: order === "True" && shape.length === 2 ? () => transposed(read(), shape[1]) : read };
}
