/// What `machine/verify` can look at.
enum CheckKind: String, CaseIterable, Sendable {
  /// QEMU says that the machine runs.
  case powered
  /// The guest reaches its login prompt on the serial port.
  case bootlog
  /// There is a picture of the screen.
  case screenshot
}
