import ConnectorProtocol
import Foundation

/// A part while it is filled, and hashed meanwhile.
struct PartBuffer: ~Copyable {
  private static let pieceBytes = 1 << 20

  private(set) var bytes: Int64 = 0
  private var memory = Data()
  private var file: SpoolFile?
  private var hash = SHA256()

  init(_ partBytes: Int64, _ folder: String) throws {
    if partBytes > S3PartSender.memoryPart {
      file = try SpoolFile(in: folder)
    } else {
      memory.reserveCapacity(Int(partBytes))
    }
  }

  mutating func add(_ piece: ArraySlice<UInt8>) throws {
    piece.withUnsafeBytes { hash.update($0) }
    if let file { try file.append(piece) } else { memory.append(contentsOf: piece) }
    bytes += Int64(piece.count)
  }

  struct Content: Sendable {
    var body: AWSBody
    var bytes: Int64
    var sha256: [UInt8]

    /// As S3 tells it.
    var checksum: String { Data(sha256).base64EncodedString() }
  }

  consuming func finished() throws -> Content {
    let (bytes, memory, file) = (bytes, memory, file)
    let digest = hash.finish()
    guard let file else { return Content(body: .bytes(memory, sha256: digest), bytes: bytes, sha256: digest) }
    let body = AWSBody.stream(length: bytes) {
      let place = SpoolFile.Place(file)
      return { try place.read(upTo: Self.pieceBytes) }
    }
    return Content(body: body, bytes: bytes, sha256: digest)
  }
}
