/*
 * A disk that takes longer to make writes durable. Loaded before the C library (LD_PRELOAD), it waits two
 * milliseconds before each fsync and fdatasync while the file $SLOW_SYNC_SWITCH exists, so that one server
 * can be measured on the disk as it is and on a slower one. Nothing else is changed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const struct timespec delay = { 0, 2000000 };

static void wait_if_slow(void)
{
    const char *path = getenv("SLOW_SYNC_SWITCH");
    if (path && access(path, F_OK) == 0)
        nanosleep(&delay, NULL);
}

int fsync(int descriptor)
{
    static int (*real)(int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "fsync");
    wait_if_slow();
    return real(descriptor);
}

int fdatasync(int descriptor)
{
    static int (*real)(int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
    wait_if_slow();
    return real(descriptor);
}
