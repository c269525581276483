import Disks
public import Foundation
import Support

/// What a disk of a backup held when it was first read whole: its content digest, kept in the catalog.
public struct ContentRecord: Codable, Hashable, Sendable {
  /// The disk's place in the machine.
  public var index: Int
  public var digest: String
  public var sizeBytes: Int64
  public var recordedAt: Date
  /// The restore point that the disk was read at; nil for the backup's newest.
  public var point: String?

  public init(index: Int, digest: String, sizeBytes: Int64, recordedAt: Date = Date(), point: String? = nil) {
    self.index = index
    self.point = point
    self.digest = digest
    self.sizeBytes = sizeBytes
    self.recordedAt = recordedAt
  }

  private enum CodingKeys: String, CodingKey {
    case index, digest, sizeBytes, recordedAt, point
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    index = try values.decode(Int.self, forKey: .index)
    digest = try values.decode(String.self, forKey: .digest)
    sizeBytes = try values.decode(Int64.self, forKey: .sizeBytes)
    guard let date = Timestamp.date(try values.decode(String.self, forKey: .recordedAt)) else {
      throw DecodingError.dataCorruptedError(forKey: .recordedAt, in: values, debugDescription: "not a point in time")
    }
    recordedAt = date
    point = try values.decodeIfPresent(String.self, forKey: .point)
  }

  /// The point in time goes out as text (RFC 3339), as everywhere else.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(index, forKey: .index)
    try values.encode(digest, forKey: .digest)
    try values.encode(sizeBytes, forKey: .sizeBytes)
    try values.encode(Timestamp.text(recordedAt), forKey: .recordedAt)
    try values.encodeIfPresent(point, forKey: .point)
  }
}
