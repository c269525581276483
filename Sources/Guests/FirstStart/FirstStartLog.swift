/// What a guest did at its first start after a restore, as it wrote it down itself.
public struct FirstStartLog: Codable, Hashable, Sendable {
  /// Where the log is in the guest.
  public var path: String
  /// Its end, 256 KiB at most; empty where the guest has not started since.
  public var text: String
  /// Names of steps and scripts: done, given up after three attempts, and still to be run.
  public var done: [String]
  public var failed: [String]
  public var pending: [String]

  public init(path: String, text: String, done: [String] = [], failed: [String] = [], pending: [String] = []) {
    self.path = path
    self.text = text
    self.done = done
    self.failed = failed
    self.pending = pending
  }
}
