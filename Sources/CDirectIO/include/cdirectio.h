#pragma once

/// Whether files in `folder` can be written past the page cache: 1 or 0. Leaves nothing behind.
int cdirectio_supported(const char *folder);
