import ConnectorProtocol

/// Follows a job from within the process that drives it. Called often: an observer must not block.
public protocol RestoreObserver: Sendable {
  func stepStarted(_ step: RestoreStep.Name)
  func stepEnded(_ step: RestoreStep.Name, status: RestoreStep.Status, seconds: Double)
  func progress(_ progress: JobProgress)
  func event(_ level: EventRecord.Level, _ kind: String, _ message: String)
}

/// Where a job is, for a line on a terminal.
public struct JobProgress: Codable, Hashable, Sendable {
  public var step: RestoreStep.Name
  public var percent: Double
  public var bytesDone: Int64
  public var bytesTotal: Int64
  public var bytesPerSecond: Double?
  /// Seconds until the running step is done, as far as its pace tells.
  public var secondsLeft: Double?
  public var message: String?

  public init(
    step: RestoreStep.Name, percent: Double, bytesDone: Int64, bytesTotal: Int64, bytesPerSecond: Double? = nil,
    secondsLeft: Double? = nil, message: String? = nil
  ) {
    self.step = step
    self.percent = percent
    self.bytesDone = bytesDone
    self.bytesTotal = bytesTotal
    self.bytesPerSecond = bytesPerSecond
    self.secondsLeft = secondsLeft
    self.message = message
  }
}

/// An observer that looks away.
public struct SilentObserver: RestoreObserver {
  public init() {}
  public func stepStarted(_ step: RestoreStep.Name) {}
  public func stepEnded(_ step: RestoreStep.Name, status: RestoreStep.Status, seconds: Double) {}
  public func progress(_ progress: JobProgress) {}
  public func event(_ level: EventRecord.Level, _ kind: String, _ message: String) {}
}
