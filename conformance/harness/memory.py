"""What lies in the memory of a process."""


def pieces_in_memory(pid, secret, piece=8):
    """Where in the process's memory at least `piece` bytes in a row of `secret`, or of its repetition, lie."""
    repeated = secret + secret[: piece - 1]
    pieces = {repeated[start : start + piece] for start in range(len(secret))}
    found = []
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            addresses, access = line.split()[:2]
            start, end = (int(address, 16) for address in addresses.split("-"))
            if not access.startswith("rw"):
                continue
            memory.seek(start)
            content = memory.read(end - start)
            found += [hex(start + content.find(wanted)) for wanted in pieces if wanted in content]
    return found
