import Foundation
import Glibc
import Support

/// A place among the jobs that run on this host at once. The system lets go of it when its process ends, however that
/// ends.
final class JobSlot: Sendable {
  private let descriptor: Int32

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Takes a place, or gives nil where as many are taken as there may be.
  static func take(in folder: String, limit: Int?) throws(AscendError) -> JobSlot? {
    try StateDirectory.makePrivate(folder)
    // One looks at a time: two could each count the other's place as free.
    let gate = try open(folder + "/gate")
    defer { close(gate) }
    while flock(gate, LOCK_EX) != 0 {
      guard errno == EINTR else {
        throw AscendError.system("job.slot", "The jobs that run cannot be counted", object: folder, errno: errno)
      }
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let known = names.compactMap { Int($0) }.max() ?? -1
    var taken = 0
    var free: JobSlot?
    for number in 0...known + 1 {
      let slot = JobSlot(try open("\(folder)/\(number)"))
      if flock(slot.descriptor, LOCK_EX | LOCK_NB) != 0 { taken += 1 } else if free == nil { free = slot }
    }
    if let limit, taken >= limit { return nil }
    return free
  }

  private static func open(_ path: String) throws(AscendError) -> Int32 {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw AscendError.system("job.slot", "The jobs that run cannot be counted", object: path, errno: errno)
    }
    return descriptor
  }
}

extension RestoreEngine {
  /// Waits until the job is among as many as may run at once; the limit may change meanwhile.
  ///
  /// - Throws: `cancelled`.
  func awaitSlot(_ id: String, board: JobBoard) async throws(AscendError) -> JobSlot {
    let folder = state.path + "/slots"
    var isWaiting = false
    while true {
      let limit = try store.hostLimits().jobs
      if let slot = try JobSlot.take(in: folder, limit: limit) { return slot }
      if !isWaiting {
        isWaiting = true
        // What asked for the end of an earlier attempt does not end this one.
        try store.updateJob(id) { $0.cancelRequested = false }
        board.log(.info, "job", "Waiting: \(limit ?? 0) jobs run, as many as may at once (`ascend limits show`)")
      }
      do { try await Task.sleep(for: .milliseconds(500)) } catch {
        throw AscendError("cancelled", "Cancelled while it waited for other jobs", object: id)
      }
      if try store.isCancelRequested(id) {
        throw AscendError("cancelled", "Cancelled while it waited for other jobs", object: id)
      }
    }
  }
}
