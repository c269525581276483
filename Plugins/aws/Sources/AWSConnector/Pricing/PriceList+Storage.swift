import ConnectorProtocol

extension PriceList {
  /// The prices of volumes of these types, of snapshots, and of the two ways in which disks get there.
  func storage(_ types: Set<VolumeType>) async throws -> StoragePrices {
    var prices = StoragePrices()
    prices.types = types
    let asked = try await withThrowingTaskGroup(of: (Question, Double?).self) { group in
      for question in Question.all(types) { group.addTask { (question, try await price(question)) } }
      return try await group.reduce(into: [Question: Double]()) { $0[$1.0] = $1.1 }
    }
    for (question, price) in asked {
      switch question {
      case .space(let type): prices.space[type] = price
      case .iops(let type): prices.iops[type] = price
      // The list has it for a GiB a second.
      case .throughput: prices.throughputTold = price / 1024
      case .snapshot: prices.snapshotTold = price
      case .block: prices.blockTold = price
      case .bucket: prices.bucketTold = price
      case .part: prices.partTold = price
      }
    }
    return prices
  }

  private enum Question: Hashable {
    case space(VolumeType), iops(VolumeType)
    case throughput, snapshot, block, bucket, part

    static func all(_ types: Set<VolumeType>) -> [Question] {
      let others: [Question] = [.throughput, .snapshot, .block, .bucket, .part]
      return others + types.map(Self.space) + types.filter { PriceTable.iops[$0] != nil }.map(Self.iops)
    }

    var service: String {
      switch self {
      case .bucket, .part: "AmazonS3"
      default: "AmazonEC2"
      }
    }

    var filters: [(String, String)] {
      switch self {
      case .space(let type): [("productFamily", "Storage"), ("volumeApiName", type.rawValue)]
      case .iops(let type):
        [("productFamily", "System Operation"), ("group", "EBS IOPS"), ("volumeApiName", type.rawValue)]
      case .throughput: [("productFamily", "Provisioned Throughput"), ("volumeApiName", "gp3")]
      case .snapshot: [("productFamily", "Storage Snapshot")]
      case .block: [("productFamily", "EBS direct API Requests")]
      case .bucket: [("productFamily", "Storage"), ("volumeType", "Standard")]
      case .part: [("group", "S3-API-Tier1")]
      }
    }

    /// How its usage type ends, where others share its family; before it stands the region's short name.
    var usage: String? {
      switch self {
      case .snapshot: "EBS:SnapshotUsage"
      case .block: "EBS:directAPI.snapshot.Put"
      case .bucket: "TimedStorage-ByteHrs"
      case .part: "Requests-Tier1"
      default: nil
      }
    }
  }

  private func price(_ question: Question) async throws -> Double? {
    let answer = try await products(question.service, question.filters)
    return Self.first(answer) { usage in
      guard let wanted = question.usage else { return true }
      return usage == wanted || usage.hasSuffix("-" + wanted)
    }
  }
}
