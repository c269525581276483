import AWSClient
import ConnectorDisk
import ConnectorImages
import ConnectorKit
import ConnectorProtocol

/// Makes a disk into a streamOptimized VMDK as it is read, and sends that in parts.
///
/// Of the formats that VM Import takes it is the one that can be written in order, leaves zeros out and compresses the
/// rest: nothing is staged, and no more is sent than there is. Memory: five parts of 16 to 32 MiB, and what is being
/// read and packed; larger parts, of images of more than 280 GiB, lie in the work folder until S3 has them.
struct ImageUpload: Sendable {
  private static let parallel = 4
  private static let connections = 4

  var object: S3Multipart
  var disk: MachinePlan.Disk
  var request: DiskReceive
  var workFolder: String

  /// Sends all parts that S3 does not have; what was moved, and the parts.
  func run(
    _ uploadID: String, _ operation: OperationContext
  ) async throws -> (receipt: Receipt, parts: [S3Multipart.Part]) {
    let reader = try await DiskReader.open(request.source.location, connections: Self.connections)
    let size = disk.gibibytes * MachineLimits.diskStep
    guard reader.sizeBytes <= size else {
      throw ConnectorError(
        .sourceChanged,
        "Disk \(disk.index) has \(ByteSize.text(reader.sizeBytes)); \(disk.gibibytes) GiB were planned.",
        remedy: "Plan again.", outcome: .partial)
    }
    let encoder = StreamOptimizedEncoder(sizeBytes: size)
    let image = encode(reader, as: encoder, contentDigest: true) { now in
      operation.progress(phase: "upload", done: now.done, total: now.total, skipped: now.skipped)
    }
    let largest = encoder.largestImage(allocatedBytes: try await Self.allocated(reader))
    let sender = S3PartSender(
      object, uploadId: uploadID, partBytes: S3Multipart.partBytes(for: largest), parallel: Self.parallel,
      workFolder: workFolder)
    let parts = try await sender.send(image, having: try await object.parts(of: uploadID))
    return (try receipt(image.totals), parts)
  }

  /// Bytes that may hold data, in the encoder's grains.
  private static func allocated(_ reader: DiskReader) async throws -> Int64 {
    var sum: Int64 = 0
    var offset: Int64 = 0
    while offset < reader.sizeBytes {
      let extents = try await reader.extents(from: offset)
      guard let end = extents.last?.end, end > offset else { return reader.sizeBytes }
      for extent in extents where extent.allocated { sum += extent.length + grain }
      offset = end
    }
    return min(sum, reader.sizeBytes)
  }

  private static let grain: Int64 = 64 << 10

  private func receipt(_ totals: ImageTotals?) throws -> Receipt {
    guard let totals, let digest = totals.content else {
      throw ConnectorError(
        .connectorBug, "Disk \(disk.index) was not read to its end.",
        remedy: "Report this as a fault of the connector.", outcome: .partial)
    }
    if let expected = request.source.digest, expected != digest {
      throw Failure.corrupt("Disk \(disk.index) as it was read", "its content digest is \(digest), and not \(expected)")
    }
    return Receipt(
      generation: Receipt.name(of: request.source.generation), read: totals.read.bytesRead, sent: totals.bytes,
      skipped: totals.read.bytesSkipped, blocks: 0, digest: digest, linear: nil)
  }
}
