#define _GNU_SOURCE
#include "cspawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct failure {
  int stage;
  int number;
};

int cspawn_pipe(int *reading, int *writing) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  *reading = ends[0];
  *writing = ends[1];
  return 0;
}

int cspawn_set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return errno;
  return 0;
}

static void report(int channel, int stage) {
  struct failure failure = {stage, errno};
  ssize_t written = write(channel, &failure, sizeof failure);
  (void)written;
  _exit(127);
}

// Runs between fork and exec: only async-signal-safe calls.
static void become(const char *path, char *const arguments[], char *const environment[], const char *folder,
                   const int wanted[3], int channel) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  setsid();
  if (chdir(folder) != 0) report(channel, CSPAWN_CHDIR);

  // Lifted above the three first, so that putting one in place cannot overwrite another.
  int lifted[4];
  for (int index = 0; index < 4; index++) {
    lifted[index] = fcntl(index < 3 ? wanted[index] : channel, F_DUPFD_CLOEXEC, 16);
    if (lifted[index] < 0) report(channel, CSPAWN_DESCRIPTORS);
  }
  channel = lifted[3];
  for (int index = 0; index < 3; index++)
    if (dup2(lifted[index], index) < 0) report(channel, CSPAWN_DESCRIPTORS);
  if (dup3(channel, 3, O_CLOEXEC) < 0) report(channel, CSPAWN_DESCRIPTORS);
  channel = 3;
  // `channel`, 3, stays: exec closes it.
  if (close_range(4, ~0U, 0) != 0) {
    struct rlimit limit = {0, 0};
    getrlimit(RLIMIT_NOFILE, &limit);
    for (rlim_t fd = 4; fd < limit.rlim_cur && fd < 65536; fd++) close((int)fd);
  }

  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  sigset_t empty;
  sigemptyset(&empty);
  sigprocmask(SIG_SETMASK, &empty, NULL);
  // A program that was just installed is busy for as long as any process that was forked meanwhile, by another thread,
  // still holds the descriptor that it was written by: until that one executes something else.
  for (int attempt = 0; attempt < 100; attempt++) {
    execve(path, arguments, environment);
    if (errno != ETXTBSY) break;
    const struct timespec pause = {0, 10 * 1000 * 1000};
    nanosleep(&pause, NULL);
    errno = ETXTBSY;
  }
  report(channel, CSPAWN_EXEC);
}

int cspawn_start(const char *path, char *const arguments[], char *const environment[], const char *folder, int input,
                 int output, int error, pid_t *pid, int *stage) {
  int reading, writing;
  *stage = CSPAWN_FORK;
  int number = cspawn_pipe(&reading, &writing);
  if (number != 0) return number;

  // No handler of the host may run in the child.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int wanted[3] = {input, output, error};
  pid_t child = fork();
  if (child == 0) become(path, arguments, environment, folder, wanted, writing);
  number = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(writing);
  if (child < 0) {
    close(reading);
    return number;
  }

  // The channel closes on exec: nothing to read means that the program runs.
  struct failure failure;
  ssize_t count;
  do {
    count = read(reading, &failure, sizeof failure);
  } while (count < 0 && errno == EINTR);
  close(reading);
  if (count == (ssize_t)sizeof failure) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    *stage = failure.stage;
    return failure.number;
  }
  *pid = child;
  return 0;
}

int cspawn_await_exit(pid_t pid) {
  siginfo_t information;
  while (waitid(P_PID, (id_t)pid, &information, WEXITED | WNOWAIT) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

int cspawn_reap(pid_t pid, int *code, int *signal) {
  int status;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return errno;
  *code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return 0;
}

void cspawn_block_sigpipe(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
}
