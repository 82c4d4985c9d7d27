"""Runs a command in a pseudo-terminal of its own, does one thing to it, and tells how it was left.

usage: in-a-terminal.py HOW COMMAND…, where HOW is keys to press (q, ^C) or a signal (SIGTERM …).
Prints JSON: exit code (negative: by that signal), whether the terminal's modes are as they were,
and what was written to it.
"""
import json, os, pty, select, signal, subprocess, sys, termios, time

how, command = sys.argv[1], sys.argv[2:]
master, slave = pty.openpty()
before = termios.tcgetattr(slave)
child = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
output = b''
asked = False
deadline = time.monotonic() + 60
while time.monotonic() < deadline:
    ready, _, _ = select.select([master], [], [], 0.1)
    if ready:
        output += os.read(master, 65536)
    elif child.poll() is not None:
        break
    # The view has the screen, and has drawn: now.
    if not asked and b'\x1b[?1049h' in output and b'uit' in output:
        asked = True
        if how.startswith('SIG'):
            child.send_signal(getattr(signal, how))
        else:
            os.write(master, b'\x03' if how == '^C' else how.encode())
else:
    child.kill()
print(json.dumps({
    'code': child.wait(),
    'asked': asked,
    'restored': termios.tcgetattr(slave) == before,
    'output': output.decode('utf8', 'replace'),
}))
