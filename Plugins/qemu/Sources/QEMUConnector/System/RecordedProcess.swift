import CQEMUSystem
import Foundation

/// A process that is known by its number from an earlier time, and may have ended since.
///
/// A number proves nothing by itself: it may belong to another program by now. So its command line is looked at, and
/// what is signalled is, by a descriptor opened before, what was looked at.
struct RecordedProcess: Sendable {
  let number: pid_t
  private let handle: Descriptor

  /// The process whose command line `isOurs` knows, by the number in a file.
  static func find(pidFile: String, _ isOurs: ([String]) -> Bool) -> RecordedProcess? {
    guard let file = try? Descriptor.open(pidFile, O_RDONLY | O_NOFOLLOW),
      let data = try? file.read(from: 0, limit: 32),
      let number = pid_t(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    else { return nil }
    return find(number, isOurs)
  }

  static func find(_ number: pid_t, _ isOurs: ([String]) -> Bool) -> RecordedProcess? {
    guard number > 1 else { return nil }
    let handle = ascend_process_open(number)
    guard handle >= 0 else { return nil }
    let descriptor = Descriptor(owning: handle)
    guard let file = try? Descriptor.open("/proc/\(number)/cmdline", O_RDONLY),
      let data = try? file.read(from: 0, limit: 1 << 17)
    else { return nil }
    let words = data.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    return isOurs(words) ? RecordedProcess(number: number, handle: descriptor) : nil
  }

  var isRunning: Bool { ascend_process_signal(handle.number, 0) == 0 && !isZombie }

  /// One that has ended and that nobody has waited for yet.
  private var isZombie: Bool {
    guard let file = try? Descriptor.open("/proc/\(number)/stat", O_RDONLY),
      let data = try? file.read(from: 0, limit: 4096), let end = data.lastIndex(of: UInt8(ascii: ")"))
    else { return true }
    return data[end...].dropFirst(2).first == UInt8(ascii: "Z")
  }

  func signal(_ signal: Int32) {
    _ = ascend_process_signal(handle.number, signal)
  }

  /// True when it has ended within the time.
  func waitForEnd(seconds: Double) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while isRunning {
      if ContinuousClock.now >= deadline { return false }
      usleep(50_000)
    }
    return true
  }

  /// In order, then at once. True when it is gone.
  @discardableResult
  func end() -> Bool {
    signal(SIGTERM)
    if waitForEnd(seconds: 10) { return true }
    signal(SIGKILL)
    return waitForEnd(seconds: 10)
  }
}
