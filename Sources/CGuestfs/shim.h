#include <guestfs.h>

// Optional arguments are chosen by *_BITMASK macros that contain a cast, which Swift does not import: the few calls
// that need them are wrapped here.

// Always writable and with its format: a drive that libguestfs is told to protect is opened without one, and probed.
static inline int ascend_guestfs_add_drive(guestfs_h *g, const char *path, const char *format) {
  struct guestfs_add_drive_opts_argv options = {
    .bitmask = GUESTFS_ADD_DRIVE_OPTS_FORMAT_BITMASK,
    .format = format,
  };
  return guestfs_add_drive_opts_argv(g, path, &options);
}

static inline int ascend_guestfs_is_file(guestfs_h *g, const char *path) {
  struct guestfs_is_file_opts_argv options = {
    .bitmask = GUESTFS_IS_FILE_OPTS_FOLLOWSYMLINKS_BITMASK,
    .followsymlinks = 1,
  };
  return guestfs_is_file_opts_argv(g, path, &options);
}

static inline int ascend_guestfs_is_dir(guestfs_h *g, const char *path) {
  struct guestfs_is_dir_opts_argv options = {
    .bitmask = GUESTFS_IS_DIR_OPTS_FOLLOWSYMLINKS_BITMASK,
    .followsymlinks = 1,
  };
  return guestfs_is_dir_opts_argv(g, path, &options);
}

static inline int ascend_guestfs_cryptsetup_open(guestfs_h *g, const char *device, const char *key,
                                                 const char *name, const char *type) {
  struct guestfs_cryptsetup_open_argv options = {
    .bitmask = GUESTFS_CRYPTSETUP_OPEN_CRYPTTYPE_BITMASK,
    .crypttype = type,
  };
  return guestfs_cryptsetup_open_argv(g, device, key, name, &options);
}

static inline int ascend_guestfs_hivex_open(guestfs_h *g, const char *path, int write) {
  struct guestfs_hivex_open_argv options = {
    .bitmask = GUESTFS_HIVEX_OPEN_WRITE_BITMASK,
    .write = write,
  };
  return guestfs_hivex_open_argv(g, path, &options);
}
