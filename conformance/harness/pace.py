"""A guest that prints much, and never gets far ahead of who reads it."""

from harness.background import Background
from harness.stream import KIB, counting

PIECE_BYTES = 16 * KIB


def print_within(guest, total, reach, read, deadline):
    """Prints the counting stream up to `total` in the background, at most `reach` bytes ahead of what `read()` says has
    arrived: so long as that is less than the host keeps, no absence of the reader costs it anything."""

    def work():
        while guest.printed < total:
            piece = min(PIECE_BYTES, total - guest.printed)
            deadline.poll(lambda: guest.printed + piece <= read() + reach, f"the reader comes to {guest.printed} - {reach}")
            guest.print_some(counting(guest.printed, guest.printed + piece), deadline)

    return Background(work)
