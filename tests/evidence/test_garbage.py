import gc
from threading import Barrier, Thread

from bot.evidence.garbage import seldom_collected


def test_the_last_one_out_restores_what_was() -> None:
    former, both, seen = gc.get_threshold(), Barrier(2), []

    def run(*, longer: bool) -> None:
        with seldom_collected():
            both.wait()
            seen.append(gc.get_threshold()[0])
            if longer:
                both.wait()
                seen.append(gc.get_threshold()[0])
        if not longer:
            both.wait()

    threads = [Thread(target=run, kwargs={"longer": longer}) for longer in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gc.get_threshold() == former
    assert min(seen) > former[0]
    assert len(seen) == 3


def test_an_owner_that_turned_it_off_finds_it_off() -> None:
    former = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with seldom_collected():
            assert gc.get_threshold()[0] == 0
        assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*former)
