/// The kinds of volume, with their limits.
enum VolumeType: String, Codable, CaseIterable, Sendable {
  case gp3, gp2, io2, io1, st1, sc1

  static let gibibytes: [VolumeType: ClosedRange<Int64>] = [
    .gp3: 1...65_536, .gp2: 1...16_384, .io2: 4...65_536, .io1: 4...16_384, .st1: 125...16_384, .sc1: 125...16_384,
  ]

  var sizes: ClosedRange<Int64> { Self.gibibytes[self] ?? 1...16_384 }

  /// A machine does not start from a hard disk here.
  var isBootable: Bool { self != .st1 && self != .sc1 }

  /// IOPS that can be asked for; nil where none can.
  var iops: ClosedRange<Int64>? {
    switch self {
    case .gp3: 3000...80_000
    case .io2: 100...256_000
    case .io1: 100...64_000
    case .gp2, .st1, .sc1: nil
    }
  }

  /// At most so many IOPS for each GiB.
  var iopsPerGiB: Int64 {
    switch self {
    case .gp3: 500
    case .io2: 1000
    default: 50
    }
  }

  /// io1 and io2 have no default.
  var needsIOPS: Bool { self == .io1 || self == .io2 }

  /// MiB a second that can be asked for; nil where none can.
  var throughput: ClosedRange<Int64>? { self == .gp3 ? 125...2000 : nil }

  var words: String {
    switch self {
    case .gp3: "general purpose SSD"
    case .gp2: "general purpose SSD, older"
    case .io2: "provisioned IOPS SSD"
    case .io1: "provisioned IOPS SSD, older"
    case .st1: "throughput HDD"
    case .sc1: "cold HDD"
    }
  }
}
