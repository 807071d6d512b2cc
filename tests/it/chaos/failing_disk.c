/* A disk that fails: preloaded into a program, it lets chosen calls on the registry's database fail.
 *
 *   FAILING_DISK=CALL:NTH:ERROR:HOW
 *
 * CALL is read, write, sync or truncate; NTH counts such calls from 1; ERROR is EIO, ENOSPC, EROFS or SHORT (only half is
 * read or written); HOW is once or always. Other files are left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static const char *const DATABASE = "/registry.db";

static struct {
    char call[16];
    long nth;
    int error; /* 0 for SHORT */
    int always;
} plan;

static atomic_long calls;

__attribute__((constructor)) static void read_plan(void) {
    char error[16] = "", how[16] = "";
    const char *text = getenv("FAILING_DISK");
    if (!text || sscanf(text, "%15[a-z]:%ld:%15[A-Z]:%15[a-z]", plan.call, &plan.nth, error, how) != 4) {
        plan.call[0] = '\0';
        return;
    }
    plan.always = strcmp(how, "always") == 0;
    plan.error = strcmp(error, "EIO") == 0 ? EIO
        : strcmp(error, "ENOSPC") == 0     ? ENOSPC
        : strcmp(error, "EROFS") == 0      ? EROFS
                                           : 0;
}

static int is_database(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = '\0';
    return strstr(path, DATABASE) != NULL && strstr(path, "-shm") == NULL;
}

/* Whether this call is to fail. */
static int fails(const char *call, int file) {
    if (strcmp(plan.call, call) != 0 || !is_database(file)) return 0;
    long number = atomic_fetch_add(&calls, 1) + 1;
    return plan.always ? number >= plan.nth : number == plan.nth;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* How many of `wanted` bytes are moved by a call that fails: half of them, or -1 with the error. */
#define MOVE(call, file, wanted)                        \
    if (fails(call, file)) {                            \
        if (plan.error) {                               \
            errno = plan.error;                         \
            return -1;                                  \
        }                                               \
        wanted = wanted > 1 ? wanted / 2 : wanted;      \
    }

ssize_t read(int file, void *buffer, size_t bytes) {
    MOVE("read", file, bytes)
    return REAL(read)(file, buffer, bytes);
}

ssize_t pread(int file, void *buffer, size_t bytes, off_t at) {
    MOVE("read", file, bytes)
    return REAL(pread)(file, buffer, bytes, at);
}

ssize_t pread64(int file, void *buffer, size_t bytes, off64_t at) {
    MOVE("read", file, bytes)
    return REAL(pread64)(file, buffer, bytes, at);
}

ssize_t write(int file, const void *buffer, size_t bytes) {
    MOVE("write", file, bytes)
    return REAL(write)(file, buffer, bytes);
}

ssize_t pwrite(int file, const void *buffer, size_t bytes, off_t at) {
    MOVE("write", file, bytes)
    return REAL(pwrite)(file, buffer, bytes, at);
}

ssize_t pwrite64(int file, const void *buffer, size_t bytes, off64_t at) {
    MOVE("write", file, bytes)
    return REAL(pwrite64)(file, buffer, bytes, at);
}

/* These move nothing, so SHORT is no failure of theirs. */
#define REFUSE(call, file)                              \
    if (fails(call, file) && plan.error) {              \
        errno = plan.error;                             \
        return -1;                                      \
    }

int fsync(int file) {
    REFUSE("sync", file)
    return REAL(fsync)(file);
}

int fdatasync(int file) {
    REFUSE("sync", file)
    return REAL(fdatasync)(file);
}

int ftruncate(int file, off_t length) {
    REFUSE("truncate", file)
    return REAL(ftruncate)(file, length);
}

int ftruncate64(int file, off64_t length) {
    REFUSE("truncate", file)
    return REAL(ftruncate64)(file, length);
}
