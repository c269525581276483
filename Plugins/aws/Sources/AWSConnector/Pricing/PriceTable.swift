/// Prices built in, for where AWS's own cannot be had: on-demand list prices of Linux in us-east-1, in US dollars.
enum PriceTable {
  static let date = "2025-01"
  static let region = "us-east-1"
  static let words = "built-in list prices of us-east-1, \(date); other regions differ by up to a half"

  /// An hour of the size `large`, by family.
  private static let large: [String: Double] = [
    "t3": 0.0832, "t3a": 0.0752, "t4g": 0.0672, "m5": 0.096, "m5a": 0.086, "m5n": 0.119, "m6i": 0.096, "m6a": 0.0864,
    "m6g": 0.077, "m7i": 0.1008, "m7a": 0.11592, "m7g": 0.0816, "m8g": 0.08976, "c5": 0.085, "c5a": 0.077,
    "c5n": 0.108, "c6i": 0.085, "c6a": 0.0765, "c6g": 0.068, "c7i": 0.08925, "c7a": 0.10264, "c7g": 0.0725,
    "c8g": 0.07976, "r5": 0.126, "r5a": 0.113, "r5n": 0.149, "r6i": 0.126, "r6a": 0.1134, "r6g": 0.1008, "r7i": 0.1323,
    "r7a": 0.15215, "r7g": 0.1071, "r8g": 0.11782, "m5d": 0.113, "c5d": 0.096, "r5d": 0.144, "i3en": 0.226,
    "m6id": 0.11865, "c6id": 0.1008, "r6id": 0.1512,
  ]

  /// An hour of the type in us-east-1; nil for a family that is not in the table.
  static func hour(_ type: String) -> Double? {
    let parts = type.split(separator: ".", maxSplits: 1)
    guard parts.count == 2, let base = large[String(parts[0])], let factor = factor(parts[1]) else { return nil }
    return base * factor
  }

  /// How many `large` the size is.
  private static func factor(_ size: Substring) -> Double? {
    switch size {
    case "nano": 1.0 / 16
    case "micro": 1.0 / 8
    case "small": 1.0 / 4
    case "medium": 1.0 / 2
    case "large": 1
    case "xlarge": 2
    default: size.hasSuffix("xlarge") ? Double(size.dropLast(6)).map { $0 * 2 } : nil
    }
  }

  /// A guess by size, for ranking what the table does not know, behind what it knows.
  static func guess(vcpus: Int, memoryMiB: Int64) -> Double {
    Double(vcpus) * 0.036 + Double(memoryMiB) / 1024 * 0.005
  }

  /// An hour of Amazon's Windows licence, by vCPU.
  static let windowsCPU = 0.046

  /// A month of a GiB of space.
  static let space: [VolumeType: Double] = [
    .gp3: 0.08, .gp2: 0.10, .io2: 0.125, .io1: 0.125, .st1: 0.045, .sc1: 0.015,
  ]
  /// A month of one of the IOPS that are asked for; of io2 up to 32,000, beyond which they are cheaper.
  static let iops: [VolumeType: Double] = [.gp3: 0.005, .io2: 0.065, .io1: 0.065]
  /// A month of a MiB a second beyond what a gp3 volume has anyway.
  static let throughput = 0.04
  /// A month of a GiB in a snapshot.
  static let snapshotMonth = 0.05
  /// A block written (PutSnapshotBlock).
  static let block = 0.006 / 1000
  /// A month of a GiB in a bucket.
  static let bucketMonth = 0.023
  /// A part written to a bucket.
  static let part = 0.005 / 1000
}
