"""Claims that cases of several clauses make."""

MARK = b"\0mark\xff"


def assert_at_head(guest, client, deadline):
    """The raw client has been sent everything: what it gets next is what the guest prints now."""
    guest.print(MARK, deadline)
    assert client.read_exactly(len(MARK), deadline) == MARK
