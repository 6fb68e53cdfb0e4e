"""Something that goes on beside the case."""

import threading


class Background(threading.Thread):
    """Runs at once. Its failure is the case's: it is raised by `finish`, which returns what the function returned."""

    def __init__(self, function, *arguments):
        super().__init__(daemon=True)
        self._function = function
        self._arguments = arguments
        self._result = None
        self._failure = None
        self.start()

    def run(self):
        try:
            self._result = self._function(*self._arguments)
        except BaseException as failure:
            self._failure = failure

    def finish(self):
        self.join()
        if self._failure:
            raise self._failure
        return self._result
