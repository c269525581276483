import CFileRange
import Foundation
import Synchronization

/// Sends what is written to a file on to the drive while more is being written, and drops it from the page cache.
///
/// A disk is larger than the memory and is not read again soon. Left to itself, the kernel would collect it as dirty
/// pages, take memory from everything else for them, and make whoever asks for durability wait for all of it at the end.
/// Here at most `windowBytes` are on their way at once, whatever the disk's size.
///
/// It says nothing of durability: the file's size and the places of its blocks still need `fdatasync`, which then has
/// little left to do.
final class WriteBehind: Sendable {
  /// Enough to keep a drive busy, little enough not to matter.
  static let windowBytes = 64 << 20

  /// What is on its way, the oldest first.
  private struct Window {
    var ranges: [Range<off_t>] = []
    var bytes = 0

    mutating func add(_ range: Range<off_t>) {
      ranges.append(range)
      bytes += range.count
    }

    /// The oldest range, where there is more than the window's worth underway.
    mutating func surplus() -> Range<off_t>? {
      guard bytes > WriteBehind.windowBytes, !ranges.isEmpty else { return nil }
      let oldest = ranges.removeFirst()
      bytes -= oldest.count
      return oldest
    }
  }

  private let descriptor: Int32
  private let window = Mutex(Window())

  /// - Parameter descriptor: Stays the caller's, who keeps it open as long as this is used.
  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Starts sending a range that has just been written. Waits for older ones where too much is underway.
  ///
  /// Failures are not told here: the kernel keeps a failed write for the `fdatasync` that must follow.
  func wrote(_ range: Range<off_t>) {
    _ = sync_file_range(descriptor, range.lowerBound, off_t(range.count), UInt32(SYNC_FILE_RANGE_WRITE))
    window.withLock { $0.add(range) }
    while let oldest = window.withLock({ $0.surplus() }) { finish(oldest) }
  }

  private func finish(_ range: Range<off_t>) {
    let all = UInt32(SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER)
    _ = sync_file_range(descriptor, range.lowerBound, off_t(range.count), all)
    _ = posix_fadvise(descriptor, range.lowerBound, off_t(range.count), POSIX_FADV_DONTNEED)
  }
}
