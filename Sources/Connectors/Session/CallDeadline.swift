/// How long a call may take: two clocks, both named in the error when one runs out.
public struct CallDeadline: Hashable, Sendable {
  /// Without a sign of life; progress of the call's operation resets it. Nil: no such limit.
  public var idle: Duration?
  /// In all. Nil: no such limit.
  public var absolute: Duration?

  public init(idle: Duration? = .seconds(120), absolute: Duration? = nil) {
    self.idle = idle
    self.absolute = absolute
  }

  /// Two minutes without a sign of life; as long as it takes.
  public static let standard = CallDeadline()
}
