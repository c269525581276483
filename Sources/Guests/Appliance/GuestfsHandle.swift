import CGuestfs
import Foundation
import Support

/// One libguestfs handle: the calls used here, with their results as Swift values and their failures as errors.
///
/// Not thread-safe and blocking: it lives on its appliance's thread and never leaves it.
final class GuestfsHandle {
  let raw: OpaquePointer
  /// The folder on this computer for what is copied out of the guest; removed with the appliance.
  let privateDirectory: URL
  private let watchdog: ApplianceWatchdog
  /// Encrypted volumes that are open.
  var opened: [OpenedVolume] = [] {
    didSet { listedFilesystems = nil }
  }
  /// What `filesystems()` found: nothing is formatted here, so that only an opened volume changes it.
  var listedFilesystems: [(key: String, value: String)]?

  init(privateDirectory: URL, watchdog: ApplianceWatchdog) throws(AscendError) {
    guard let raw = guestfs_create() else {
      throw AscendError("guest.applianceFailed", "A libguestfs handle could not be made", cause: String(errno: errno))
    }
    self.raw = raw
    self.privateDirectory = privateDirectory
    self.watchdog = watchdog
    // The default handler writes to standard error, which belongs to the command line.
    guestfs_set_error_handler(raw, nil, nil)
  }

  deinit { guestfs_close(raw) }

  /// Ends the work here if the task was cancelled or its time is over. To be called between steps.
  func checkpoint() throws(AscendError) {
    if let error = watchdog.error { throw error }
  }

  /// The last failure as an error about `object`.
  func failure(_ action: String, _ object: String?) -> AscendError {
    if let error = watchdog.error { return error }
    let cause = guestfs_last_error(raw).map { String(cString: $0) }
    if guestfs_is_ready(raw) != 1 {
      return AscendError(
        "guest.applianceCrashed", "The appliance ended unexpectedly while \(action)", object: object, cause: cause,
        remedy: "Try again; if it repeats, a filesystem of this guest crashes the appliance: restore without "
          + "guest preparation.")
    }
    let isDamaged = ["Structure needs cleaning", "Input/output error", "Bad message"].contains {
      cause?.contains($0) ?? false
    }
    return AscendError(
      "guest.callFailed", "Failed \(action)", object: object, cause: cause,
      remedy: isDamaged
        ? "A filesystem of the guest is damaged: have the source machine check it and back it up again, or restore "
          + "without guest preparation" : nil)
  }

  /// Checks a call that returns 0, or -1 on failure.
  func run(_ action: String, _ object: String? = nil, _ call: (OpaquePointer) -> Int32) throws(AscendError) {
    try checkpoint()
    guard call(raw) != -1 else { throw failure(action, object) }
  }

  /// A call that answers yes (1) or no (0).
  func bool(_ action: String, _ object: String? = nil, _ call: (OpaquePointer) -> Int32) throws(AscendError) -> Bool {
    try checkpoint()
    let answer = call(raw)
    guard answer != -1 else { throw failure(action, object) }
    return answer != 0
  }

  func text(
    _ action: String, _ object: String? = nil, _ call: (OpaquePointer) -> UnsafeMutablePointer<CChar>?
  ) throws(AscendError) -> String {
    try checkpoint()
    guard let result = call(raw) else { throw failure(action, object) }
    defer { free(result) }
    return String(cString: result)
  }

  /// A list of strings; a hash comes as keys and values in turn.
  func texts(
    _ action: String, _ object: String? = nil,
    _ call: (OpaquePointer) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  ) throws(AscendError) -> [String] {
    try checkpoint()
    guard let result = call(raw) else { throw failure(action, object) }
    defer { free(result) }
    var texts: [String] = []
    var index = 0
    while let entry = result[index] {
      texts.append(String(cString: entry))
      free(entry)
      index += 1
    }
    return texts
  }

  /// Pairs in the order in which the call gave them.
  func pairs(
    _ action: String, _ object: String? = nil,
    _ call: (OpaquePointer) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  ) throws(AscendError) -> [(key: String, value: String)] {
    let flat = try texts(action, object, call)
    return stride(from: 0, to: flat.count - 1, by: 2).map { (flat[$0], flat[$0 + 1]) }
  }

  /// For questions whose failure means "there is none" and nothing worse; a dead appliance is still an error.
  func optional<Value>(_ body: () throws(AscendError) -> Value) throws(AscendError) -> Value? {
    do {
      return try body()
    } catch {
      guard error.code == "guest.callFailed" else { throw error }
      return nil
    }
  }
}

extension String {
  init(errno code: Int32) { self = String(cString: strerror(code)) }
}
