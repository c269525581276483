import ConnectorProtocol

/// From where a disk on its way by S3 can be taken up: the upload with its parts, or the whole image in the bucket.
///
/// Of an unfinished image no part of the disk counts as through: what S3 has of it is told apart only by making the
/// image again, which reads the disk and sends nothing twice.
struct ImportCheckpoint: Hashable, Sendable {
  private static let format = "image1"

  var uploadID: String
  /// `DiskSource.generation` of what is sent.
  var generation: String
  /// Set once the image is in the bucket.
  var receipt: Receipt?

  var token: String {
    let receipt = receipt.map { $0.text.replacing(" ", with: ",") } ?? "-"
    return "\(Self.format) \(uploadID) \(receipt) \(generation)"
  }

  /// The checkpoint of a request; nil where it has none.
  ///
  /// - Throws: `sourceChanged`, `staleCheckpoint`.
  static func read(_ request: DiskReceive) throws(ConnectorError) -> ImportCheckpoint? {
    guard let token = request.checkpoint else { return nil }
    let parts = token.split(separator: " ", maxSplits: 3).map(String.init)
    guard parts.count == 4, parts[0] == format, parts[1].utf8.count <= 1024 else {
      throw Failure.startAnew(request.index, "the checkpoint is not one of this delivery")
    }
    let receipt = parts[2] == "-" ? nil : Receipt(parts[2].replacing(",", with: " "))
    guard parts[2] == "-" || receipt != nil else {
      throw Failure.startAnew(request.index, "the checkpoint is not one of this delivery")
    }
    guard parts[3] == request.source.generation else {
      throw ConnectorError(
        .sourceChanged, "Disk \(request.index) is not the one that was sent before.",
        remedy: "Start this disk again, without its checkpoint.", outcome: .partial)
    }
    return ImportCheckpoint(uploadID: parts[1], generation: parts[3], receipt: receipt)
  }
}
