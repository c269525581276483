/// The largest machine that vSphere runs, and the steps in which its sizes go.
enum MachineLimits {
  static let architecture = "x86_64"
  static let processors = 768
  static let memoryStep: Int64 = 4 << 20
  static let leastMemory: Int64 = 4 << 20
  static let memoryBytes: Int64 = 24 << 40
  /// The server counts disks in KiB.
  static let diskStep: Int64 = 1024
  static let leastDisk: Int64 = 1 << 20
  static let diskBytes: Int64 = 62 << 40
  static let disks = 60
  static let name = 80
}
