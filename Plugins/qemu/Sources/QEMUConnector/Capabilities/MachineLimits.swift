/// The largest machine that QEMU runs here, and the steps in which its sizes go.
enum MachineLimits {
  static let architecture = "x86_64"
  /// The `pc` mainboard has 255; the last is left to the firmware.
  static let processors = 254
  static let memoryStep: Int64 = 1 << 20
  static let sector: Int64 = 512
  static let diskBytes: Int64 = 16 << 40
}
