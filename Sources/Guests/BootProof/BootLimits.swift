/// How long a boot may take.
public struct BootLimits: Sendable, Hashable {
  /// For the whole boot.
  public var total: Duration
  /// Without a byte on the serial port, a new picture or a write to a disk: the guest stands still.
  public var still: Duration

  /// What came in this time before the end still goes on: the limits may be the same where somebody sets them.
  var lately: Duration { min(still, total / 5) }

  public init(total: Duration, still: Duration) {
    self.total = total
    self.still = still
  }

  static func fitting(accelerated: Bool) -> BootLimits {
    accelerated
      ? BootLimits(total: .seconds(300), still: .seconds(60)) : BootLimits(total: .seconds(900), still: .seconds(180))
  }
}
