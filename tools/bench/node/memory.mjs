// What the firmware takes of a 32-bit heap: the steps of device/memory.py, one call at a time,
// because this build frees nothing before the call that collects has returned.
//
//     node memory.mjs FIRMWARE DEVICE HEAP-BYTES

import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";
import fs from "node:fs";

const [firmware, device, heap] = process.argv.slice(2);
const mp = await loadMicroPython({ heapsize: Number(heap) });

function copy(from, to) {
  mp.FS.mkdir(to);
  for (const name of fs.readdirSync(from)) {
    if (/\.(mpy|py)$/.test(name)) mp.FS.writeFile(`${to}/${name}`, fs.readFileSync(`${from}/${name}`));
  }
}

function taken() {
  for (let i = 0; i < 3; i++) mp.runPython("gc.collect()");
  mp.runPython("used = gc.mem_alloc()");
  return mp.globals.get("used");
}

mp.FS.mkdir("/lib");
copy(firmware, "/lib/sixlink");
copy(device, "/device");
mp.runPython("import gc, micropython, sys");
mp.runPython("sys.path[:] = ['/lib', '/device', '.frozen']");
mp.runPython("import memory");
const start = taken();
mp.runPython("modules = memory.load()");
const loaded = taken();
mp.runPython("memory.prepare()");
const prepared = taken();
mp.runPython("memory.connect(6)");
const open = taken();
console.log(loaded - start, open - prepared, mp.globals.get("modules"));
mp.runPython("gc.collect()");
mp.runPython("micropython.mem_info()");
