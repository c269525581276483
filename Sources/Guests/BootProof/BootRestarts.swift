/// Counts the restarts that a guest makes itself, and tells a loop from work. Pure.
///
/// A system on new hardware restarts more than once before it is up: Windows for the drivers of new devices, after a
/// check of its disks, and where the first start was asked to. Each time it has written down what it did. What falls
/// over, starts again and falls over at the same place writes little or nothing.
struct BootRestarts: Sendable {
  /// Less than this since the last restart is no work: a boot manager's state and a journal's head are smaller.
  static let work: Int64 = 1 << 20
  /// In a row without work.
  static let mostIdle = 3
  /// With work in between: nobody's first start needs more.
  static let most = 10

  private(set) var count = 0
  private var idle = 0
  private var read: Int64 = 0
  private var written: Int64 = 0

  /// The machine was reset from inside: by the guest, or by a firmware that resets it once or twice more before it
  /// starts anew. Only the guest's has something read from a disk before it.
  ///
  /// - Parameters:
  ///   - read: From all disks since the machine was started, in bytes.
  ///   - written: To all disks.
  mutating func note(read: Int64, written: Int64) {
    guard read > self.read else { return }
    count += 1
    idle = written - self.written < Self.work ? idle + 1 : 0
    (self.read, self.written) = (read, written)
  }

  var isLoop: Bool { idle >= Self.mostIdle || count >= Self.most }
}
