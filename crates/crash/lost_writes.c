/*
 * A disk that loses what was not synced. Loaded before the C library (LD_PRELOAD), it lets every write to a
 * file under $LOST_WRITES_FOLDER through and keeps in $LOST_WRITES_MIRROR a copy that holds exactly what
 * fsync and fdatasync have made durable: what a power cut at this moment would leave, at worst.
 *
 * The mirror begins as a copy of the folder. Not modelled: that a disk keeps some unsynced writes and tears
 * others, and that the creation, removal or renaming of a file is lost; a journalling file system orders
 * those before the file's own sync. SQLite's shared memory (-shm) is memory, and left out.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILES 256
#define MAX_DESCRIPTORS 65536

struct range { off_t start, end; };

/* A file under the folder, and what was written to it since its last sync. */
struct tracked {
    int used;
    dev_t device;
    ino_t inode;
    char name[PATH_MAX];
    struct range *dirty;
    size_t count, room;
    off_t least; /* the smallest size that it was cut to since the last sync; -1 for none */
};

static struct tracked files[MAX_FILES];
static int file_of[MAX_DESCRIPTORS]; /* index + 1; 0 for a descriptor that is not tracked */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX], mirror[PATH_MAX];
static size_t folder_length;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_close)(int);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

static void fail(const char *what) {
    /* A mirror that is wrong would prove nothing. */
    perror(what);
    abort();
}

__attribute__((constructor)) static void begin(void) {
    real_open = dlsym(RTLD_NEXT, "open64");
    real_openat = dlsym(RTLD_NEXT, "openat64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_close = dlsym(RTLD_NEXT, "close");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_rename = dlsym(RTLD_NEXT, "rename");
    const char *from = getenv("LOST_WRITES_FOLDER"), *to = getenv("LOST_WRITES_MIRROR");
    if (!from || !to || !realpath(from, folder) || !realpath(to, mirror)) fail("lost writes: folder or mirror");
    folder_length = strlen(folder);
}

/* The path below the folder; NULL for one elsewhere, or for shared memory. */
static const char *below(const char *path) {
    size_t length = strlen(path);
    if (strncmp(path, folder, folder_length) != 0 || path[folder_length] != '/') return NULL;
    if (length > 4 && strcmp(path + length - 4, "-shm") == 0) return NULL;
    return path + folder_length + 1;
}

static void mirrored(const char *name, char *path) {
    if (snprintf(path, PATH_MAX, "%s/%s", mirror, name) >= PATH_MAX) fail("lost writes: path");
}

static struct tracked *tracked_of(int fd) {
    if (fd < 0 || fd >= MAX_DESCRIPTORS || file_of[fd] == 0) return NULL;
    return &files[file_of[fd] - 1];
}

static struct tracked *find_or_add(const struct stat *found, const char *name) {
    struct tracked *free_one = NULL;
    for (int i = 0; i < MAX_FILES; i++) {
        struct tracked *file = &files[i];
        if (file->used && file->device == found->st_dev && file->inode == found->st_ino) return file;
        if (!file->used && !free_one) free_one = file;
    }
    if (!free_one) fail("lost writes: too many files");
    *free_one = (struct tracked){.used = 1, .device = found->st_dev, .inode = found->st_ino, .least = -1};
    strcpy(free_one->name, name);
    return free_one;
}

static int opened(int fd, int flags) {
    char link[64], path[PATH_MAX];
    struct stat found;
    if (fd < 0 || fd >= MAX_DESCRIPTORS) return fd;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return fd;
    path[length] = 0;
    const char *name = below(path);
    if (!name || fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) return fd;
    pthread_mutex_lock(&lock);
    struct tracked *file = find_or_add(&found, name);
    if (flags & O_TRUNC) file->least = 0;
    file_of[fd] = (int)(file - files) + 1;
    pthread_mutex_unlock(&lock);
    return fd;
}

static void written(int fd, off_t start, ssize_t length) {
    if (length <= 0) return;
    pthread_mutex_lock(&lock);
    struct tracked *file = tracked_of(fd);
    if (file) {
        struct range *last = file->count ? &file->dirty[file->count - 1] : NULL;
        if (last && last->end == start) {
            last->end += length;
        } else {
            if (file->count == file->room) {
                file->room = file->room ? file->room * 2 : 64;
                file->dirty = realloc(file->dirty, file->room * sizeof *file->dirty);
                if (!file->dirty) fail("lost writes: memory");
            }
            file->dirty[file->count++] = (struct range){start, start + length};
        }
    }
    pthread_mutex_unlock(&lock);
}

static void copy(int from, int to, struct range range, off_t size) {
    char buffer[65536];
    off_t end = range.end < size ? range.end : size;
    for (off_t at = range.start; at < end;) {
        size_t wanted = end - at < (off_t)sizeof buffer ? (size_t)(end - at) : sizeof buffer;
        ssize_t got = pread(from, buffer, wanted, at);
        if (got <= 0 || real_pwrite(to, buffer, (size_t)got, at) != got) fail("lost writes: copy");
        at += got;
    }
}

/* The file is durable now: what was written since the last time goes to the mirror. */
static void synced(int fd) {
    pthread_mutex_lock(&lock);
    struct tracked *file = tracked_of(fd);
    struct stat found;
    if (file && fstat(fd, &found) == 0) {
        char path[PATH_MAX], link[64];
        mirrored(file->name, path);
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        int from = real_open(link, O_RDONLY | O_CLOEXEC), to = real_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (from < 0 || to < 0) fail("lost writes: mirror");
        if (file->least >= 0 && real_ftruncate(to, file->least) != 0) fail("lost writes: cut");
        for (size_t i = 0; i < file->count; i++) copy(from, to, file->dirty[i], found.st_size);
        if (real_ftruncate(to, found.st_size) != 0) fail("lost writes: size");
        real_close(from);
        real_close(to);
        file->count = 0;
        file->least = -1;
    }
    pthread_mutex_unlock(&lock);
}

static int mode_of(int flags, va_list arguments) {
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, int) : 0;
}

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int mode = mode_of(flags, arguments);
    va_end(arguments);
    return opened(real_open(path, flags, mode), flags);
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int mode = mode_of(flags, arguments);
    va_end(arguments);
    return opened(real_open(path, flags, mode), flags);
}

int openat64(int at, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int mode = mode_of(flags, arguments);
    va_end(arguments);
    return opened(real_openat(at, path, flags, mode), flags);
}

int openat(int at, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int mode = mode_of(flags, arguments);
    va_end(arguments);
    return opened(real_openat(at, path, flags, mode), flags);
}

int creat64(const char *path, mode_t mode) { return open64(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat(const char *path, mode_t mode) { return open64(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

ssize_t write(int fd, const void *bytes, size_t length) {
    ssize_t done = real_write(fd, bytes, length);
    if (done > 0 && fd >= 0 && fd < MAX_DESCRIPTORS && file_of[fd]) written(fd, lseek(fd, 0, SEEK_CUR) - done, done);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t start) {
    ssize_t done = real_pwrite(fd, bytes, length, start);
    written(fd, start, done);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t start) { return pwrite64(fd, bytes, length, start); }

int ftruncate64(int fd, off_t size) {
    int done = real_ftruncate(fd, size);
    pthread_mutex_lock(&lock);
    struct tracked *file = tracked_of(fd);
    if (done == 0 && file && (file->least < 0 || size < file->least)) file->least = size;
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int fsync(int fd) {
    int done = real_fsync(fd);
    if (done == 0) synced(fd);
    return done;
}

int fdatasync(int fd) {
    int done = real_fdatasync(fd);
    if (done == 0) synced(fd);
    return done;
}

int close(int fd) {
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fd < MAX_DESCRIPTORS) file_of[fd] = 0;
    pthread_mutex_unlock(&lock);
    return real_close(fd);
}

/* The path below the folder of a name in a call, resolved but for its last part. */
static int resolve(const char *path, char *name) {
    char parent[PATH_MAX], whole[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    if (strlen(path) >= PATH_MAX) return 0;
    snprintf(parent, sizeof parent, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    if (!realpath(parent[0] ? parent : "/", whole)) return 0;
    if (strlen(whole) + strlen(last) + 2 > PATH_MAX) return 0;
    strcat(strcat(whole, "/"), last);
    const char *found = below(whole);
    if (found) strcpy(name, found);
    return found != NULL;
}

static void forget(const char *name) {
    for (int i = 0; i < MAX_FILES; i++) {
        if (!files[i].used || strcmp(files[i].name, name) != 0) continue;
        free(files[i].dirty);
        for (int fd = 0; fd < MAX_DESCRIPTORS; fd++)
            if (file_of[fd] == i + 1) file_of[fd] = 0;
        files[i] = (struct tracked){0};
    }
}

int unlink(const char *path) {
    char name[PATH_MAX], other[PATH_MAX];
    int done = real_unlink(path);
    if (done == 0 && resolve(path, name)) {
        pthread_mutex_lock(&lock);
        forget(name);
        mirrored(name, other);
        real_unlink(other);
        pthread_mutex_unlock(&lock);
        errno = 0;
    }
    return done;
}

int rename(const char *from, const char *to) {
    char old[PATH_MAX], new[PATH_MAX], old_mirror[PATH_MAX], new_mirror[PATH_MAX];
    int done = real_rename(from, to);
    if (done == 0 && resolve(from, old) && resolve(to, new)) {
        pthread_mutex_lock(&lock);
        forget(new);
        for (int i = 0; i < MAX_FILES; i++)
            if (files[i].used && strcmp(files[i].name, old) == 0) strcpy(files[i].name, new);
        mirrored(old, old_mirror);
        mirrored(new, new_mirror);
        /* A file that was never synced has no durable content under its new name either. */
        if (real_rename(old_mirror, new_mirror) != 0) real_unlink(new_mirror);
        pthread_mutex_unlock(&lock);
        errno = 0;
    }
    return done;
}
