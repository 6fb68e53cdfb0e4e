#include "io/file_writer.h"

#include "io/given.h"
#include "io/rotated_file.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* After an error, and where standard output takes nothing. */
#define RETRY_S 1
/* How long a host that ends waits for its files. */
#define CLOSE_S 1

struct buffer {
        uint8_t *bytes; /* SC_FILE_WRITER_QUEUE_BYTES, zeroed where they are not used */
        size_t length;
};

struct sc_file_writer {
        struct sc_file_spec spec;
        sc_file_writer_report *report;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t work; /* for the thread: bytes, a file to be opened anew, or the end */
        pthread_cond_t over;

        /* Under the mutex. */
        struct buffer queue;
        bool resting; /* the thread has nothing to do */
        bool reopen;
        bool closing;
        bool given_up;
        bool ended;

        /* The thread's own. */
        struct buffer taken;
        struct sc_rotated_file file;
        struct sc_given_output output;
        bool reported;
};

static struct timespec seconds_from_now(time_t seconds)
{
        struct timespec then;
        clock_gettime(CLOCK_MONOTONIC, &then);
        then.tv_sec += seconds;
        return then;
}

/* --- the thread --- */

static ssize_t write_some(struct sc_file_writer *writer, const uint8_t *bytes, size_t length)
{
        if (writer->spec.output)
                return sc_given_output_write(&writer->output, bytes, length);
        return sc_rotated_file_append(&writer->file, bytes, length);
}

/* Waits until it may be tried again. False: this was the last time. */
static bool await_retry(struct sc_file_writer *writer)
{
        struct timespec then = seconds_from_now(RETRY_S);
        int result = 0;

        pthread_mutex_lock(&writer->mutex);
        bool again = !writer->closing;
        while (!writer->closing && !writer->reopen && result == 0)
                result = pthread_cond_timedwait(&writer->work, &writer->mutex, &then);
        pthread_mutex_unlock(&writer->mutex);
        return again;
}

static void await_reader(struct sc_file_writer *writer)
{
        struct pollfd reader = {
                .fd = writer->spec.output ? writer->output.fd : writer->file.fd,
                .events = POLLOUT,
        };
        poll(&reader, 1, RETRY_S * 1000);
}

static void reopen_if_asked(struct sc_file_writer *writer)
{
        pthread_mutex_lock(&writer->mutex);
        bool reopen = writer->reopen;
        writer->reopen = false;
        pthread_mutex_unlock(&writer->mutex);
        if (!reopen || writer->spec.output || writer->spec.once)
                return;
        sc_rotated_file_close(&writer->file);
        sc_rotated_file_open(&writer->file); /* where that fails, the next write says so */
}

static void give_up(struct sc_file_writer *writer)
{
        pthread_mutex_lock(&writer->mutex);
        writer->given_up = true;
        memset(writer->queue.bytes, 0, writer->queue.length);
        writer->queue.length = 0;
        pthread_mutex_unlock(&writer->mutex);
}

bool sc_file_writer_gives_up(const struct sc_file_spec *spec, int error)
{
        return spec->output || (spec->once && error == -EPIPE);
}

/* False: there is no use in going on. */
static bool survive(struct sc_file_writer *writer, int error)
{
        if (!writer->reported && writer->report)
                writer->report(&writer->spec, error);
        writer->reported = true;
        if (!sc_file_writer_gives_up(&writer->spec, error))
                return await_retry(writer);
        give_up(writer);
        return false;
}

/* Writes what was taken, and zeroes it: what is in the file is no longer here. */
static void write_taken(struct sc_file_writer *writer)
{
        struct buffer *taken = &writer->taken;
        size_t at = 0;
        bool goes_on = true;

        while (at < taken->length && goes_on) {
                reopen_if_asked(writer);
                ssize_t written = write_some(writer, taken->bytes + at, taken->length - at);
                if (written > 0) {
                        memset(taken->bytes + at, 0, (size_t)written);
                        at += (size_t)written;
                } else if (written == 0) {
                        await_reader(writer);
                } else {
                        goes_on = survive(writer, (int)written);
                }
        }
        memset(taken->bytes + at, 0, taken->length - at);
        taken->length = 0;
}

/* Swaps the buffers when there is something to write. False: the end. */
static bool take(struct sc_file_writer *writer)
{
        pthread_mutex_lock(&writer->mutex);
        while (writer->queue.length == 0 && !writer->reopen && !writer->closing) {
                writer->resting = true;
                pthread_cond_wait(&writer->work, &writer->mutex);
        }
        writer->resting = false;
        struct buffer empty = writer->taken;
        writer->taken = writer->queue;
        writer->queue = empty;
        bool goes_on = writer->taken.length > 0 || !writer->closing;
        pthread_mutex_unlock(&writer->mutex);
        return goes_on;
}

static void *run(void *argument)
{
        struct sc_file_writer *writer = argument;

        while (take(writer)) {
                reopen_if_asked(writer);
                write_taken(writer);
        }
        pthread_mutex_lock(&writer->mutex);
        writer->ended = true;
        pthread_cond_signal(&writer->over);
        pthread_mutex_unlock(&writer->mutex);
        return NULL;
}

/* --- the loop --- */

static uint8_t *map(void)
{
        void *bytes = mmap(NULL, SC_FILE_WRITER_QUEUE_BYTES, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (bytes == MAP_FAILED)
                return NULL;
        madvise(bytes, SC_FILE_WRITER_QUEUE_BYTES, MADV_NOHUGEPAGE);
        return bytes;
}

static void free_writer(struct sc_file_writer *writer)
{
        if (writer->spec.output)
                sc_given_output_close(&writer->output);
        else
                sc_rotated_file_close(&writer->file);
        if (writer->queue.bytes)
                munmap(writer->queue.bytes, SC_FILE_WRITER_QUEUE_BYTES);
        if (writer->taken.bytes)
                munmap(writer->taken.bytes, SC_FILE_WRITER_QUEUE_BYTES);
        free(writer);
}

static int open_end(struct sc_file_writer *writer)
{
        if (!writer->spec.output)
                return writer->spec.once ? sc_rotated_file_open_anew(&writer->file)
                                         : sc_rotated_file_open(&writer->file);
        sc_given_output_open(&writer->output, STDOUT_FILENO);
        return 0;
}

static int start(struct sc_file_writer *writer)
{
        pthread_condattr_t attributes;

        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_mutex_init(&writer->mutex, NULL);
        pthread_cond_init(&writer->work, &attributes);
        pthread_cond_init(&writer->over, &attributes);
        pthread_condattr_destroy(&attributes);
        return -pthread_create(&writer->thread, NULL, run, writer);
}

int sc_file_writer_open(struct sc_file_writer **opened, const struct sc_file_spec *spec,
                        sc_file_writer_report *report)
{
        struct sc_file_writer *writer = calloc(1, sizeof(*writer));
        if (!writer)
                return -ENOMEM;
        writer->spec = *spec;
        writer->report = report;
        writer->file = (struct sc_rotated_file) {
                .path = spec->path,
                .max_bytes = spec->max_bytes,
                .keep = spec->keep,
                .once = spec->once,
                .fd = -1,
        };
        writer->queue.bytes = map();
        writer->taken.bytes = map();
        int result = writer->queue.bytes && writer->taken.bytes ? open_end(writer) : -ENOMEM;
        if (result == 0)
                result = start(writer);
        if (result == 0)
                *opened = writer;
        else
                free_writer(writer);
        return result;
}

bool sc_file_writer_put(struct sc_file_writer *writer, const void *unit, size_t length)
{
        struct sc_span piece = { (uint8_t *)(uintptr_t)unit, length };

        return sc_file_writer_put_pieces(writer, &piece, 1);
}

static void append(struct buffer *buffer, const struct sc_span *piece)
{
        memcpy(buffer->bytes + buffer->length, piece->bytes, piece->length);
        buffer->length += piece->length;
}

bool sc_file_writer_put_pieces(struct sc_file_writer *writer, const struct sc_span *pieces, size_t count)
{
        struct buffer *queue = &writer->queue;
        size_t length = 0;

        for (size_t i = 0; i < count; i++)
                length += pieces[i].length;
        pthread_mutex_lock(&writer->mutex);
        bool fits = !writer->given_up && length <= SC_FILE_WRITER_QUEUE_BYTES - queue->length;
        if (fits) {
                for (size_t i = 0; i < count; i++)
                        append(queue, &pieces[i]);
                if (writer->resting)
                        pthread_cond_signal(&writer->work);
        }
        pthread_mutex_unlock(&writer->mutex);
        return fits;
}

void sc_file_writer_reopen(struct sc_file_writer *writer)
{
        pthread_mutex_lock(&writer->mutex);
        writer->reopen = true;
        pthread_cond_signal(&writer->work);
        pthread_mutex_unlock(&writer->mutex);
}

bool sc_file_writer_is_done(struct sc_file_writer *writer)
{
        pthread_mutex_lock(&writer->mutex);
        bool done = writer->resting && writer->queue.length == 0;
        pthread_mutex_unlock(&writer->mutex);
        return done;
}

/* A thread that is held up within a write cannot be ended: it is left to the end of the process, with its memory. */
void sc_file_writer_close(struct sc_file_writer *writer)
{
        struct timespec then = seconds_from_now(CLOSE_S);
        int result = 0;

        if (!writer)
                return;
        pthread_mutex_lock(&writer->mutex);
        writer->closing = true;
        pthread_cond_signal(&writer->work);
        while (!writer->ended && result == 0)
                result = pthread_cond_timedwait(&writer->over, &writer->mutex, &then);
        bool ended = writer->ended;
        pthread_mutex_unlock(&writer->mutex);
        if (!ended)
                return;
        pthread_join(writer->thread, NULL);
        pthread_cond_destroy(&writer->work);
        pthread_cond_destroy(&writer->over);
        pthread_mutex_destroy(&writer->mutex);
        free_writer(writer);
}
