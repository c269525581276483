#define _GNU_SOURCE
#include "CQEMUSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int ascend_spawn(const char *program, char *const arguments[], char *const environment[], const char *folder,
                 int input, int output, int error, int own_session, pid_t *process) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int result = posix_spawn_file_actions_init(&actions);
  if (result != 0) return result;
  result = posix_spawnattr_init(&attributes);
  if (result != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return result;
  }

  // The runtime blocks and ignores signals that a child must have at their defaults.
  sigset_t defaults, none;
  sigfillset(&defaults);
  sigdelset(&defaults, SIGKILL);
  sigdelset(&defaults, SIGSTOP);
  sigemptyset(&none);
  short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
  if (own_session) flags |= POSIX_SPAWN_SETSID;

  if ((result = posix_spawnattr_setsigdefault(&attributes, &defaults)) == 0 &&
      (result = posix_spawnattr_setsigmask(&attributes, &none)) == 0 &&
      (result = posix_spawnattr_setflags(&attributes, flags)) == 0 &&
      (result = posix_spawn_file_actions_adddup2(&actions, input, 0)) == 0 &&
      (result = posix_spawn_file_actions_adddup2(&actions, output, 1)) == 0 &&
      (result = posix_spawn_file_actions_adddup2(&actions, error, 2)) == 0 &&
      (folder == NULL || (result = posix_spawn_file_actions_addchdir_np(&actions, folder)) == 0) &&
      (result = posix_spawn_file_actions_addclosefrom_np(&actions, 3)) == 0)
    result = posix_spawnp(process, program, &actions, &attributes, arguments, environment);

  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return result;
}

int ascend_memory_file(void) { return memfd_create("ascend", MFD_CLOEXEC); }

int ascend_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int ascend_rename_exclusive(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int ascend_process_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int ascend_process_signal(int descriptor, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
}

off_t ascend_next_data(int file, off_t from) { return lseek(file, from, SEEK_DATA); }

off_t ascend_next_hole(int file, off_t from) { return lseek(file, from, SEEK_HOLE); }
