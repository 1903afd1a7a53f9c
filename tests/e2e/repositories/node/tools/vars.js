// each `var`, a line: path:line:column: rule message
'use strict';

const fs = require('node:fs');

const found = [];
for (const folder of process.argv.slice(2)) {
  for (const name of fs.readdirSync(folder).sort()) {
    const path = `${folder}/${name}`;
    fs.readFileSync(path, 'utf8').split('\n').forEach((line, index) => {
      if (/^\s*var\s/.test(line)) found.push(`${path}:${index + 1}:1: no-var let or const`);
    });
  }
}
found.forEach((line) => console.log(line));
process.exitCode = found.length ? 1 : 0;
