/// Cuts a stream of bytes into parts and sends several at once.
///
/// A part is kept until S3 has it: in memory up to `memoryPart` bytes, else in a file of the work folder, since parts of
/// a very large object are gigabytes. At most `parallel` parts are underway, and one is being filled.
public struct S3PartSender: Sendable {
  static let memoryPart: Int64 = 32 << 20

  public let upload: S3Multipart
  public let uploadId: String
  public let partBytes: Int64
  public var parallel: Int
  /// Where large parts are kept; nothing stays there.
  public var workFolder: String

  public init(
    _ upload: S3Multipart, uploadId: String, partBytes: Int64, parallel: Int = 3, workFolder: String = "/tmp"
  ) {
    self.upload = upload
    self.uploadId = uploadId
    self.partBytes = partBytes
    self.parallel = max(1, parallel)
    self.workFolder = workFolder
  }

  /// Sends what `source` gives, from its first byte on, as parts.
  ///
  /// - Parameters:
  ///   - source: Pieces of any size.
  ///   - known: Parts that S3 has of an earlier attempt. Those that would be sent again as they are, by size and SHA-256,
  ///     are not: whoever makes the same bytes anew moves none of them twice.
  ///   - acknowledged: Is told of each part that S3 has, in whatever order they come.
  /// - Returns: All parts. An empty object has one empty part.
  /// - Throws: `AWSError`; what `source` throws.
  public func send<Source: AsyncSequence & Sendable>(
    _ source: Source, having known: [S3Multipart.Part] = [],
    acknowledged: @escaping @Sendable (S3Multipart.Part) async throws -> Void = { _ in }
  ) async throws -> [S3Multipart.Part] where Source.Element == [UInt8] {
    try await withThrowingTaskGroup(of: S3Multipart.Part.self) { group in
      let known = Dictionary(known.map { ($0.number, $0) }, uniquingKeysWith: { _, last in last })
      var parts: [S3Multipart.Part] = []
      var number = 1
      var underway = 0
      var buffer = try PartBuffer(partBytes, workFolder)

      func launch(_ buffer: consuming PartBuffer) async throws {
        guard number <= S3Multipart.mostParts else {
          throw AWSError(
            service: "s3", operation: "UploadPart", code: AWSError.Codes.body,
            message: "the object needs more than \(S3Multipart.mostParts) parts of \(partBytes) bytes")
        }
        let (content, number) = (try buffer.finished(), number)
        if let there = known[number], there.bytes == content.bytes, there.checksum == content.checksum {
          parts.append(there)
          return try await acknowledged(there)
        }
        if underway == parallel, let part = try await group.next() {
          underway -= 1
          parts.append(part)
          try await acknowledged(part)
        }
        group.addTask { [upload, uploadId] in
          try await upload.put(number, content.body, bytes: content.bytes, sha256: content.sha256, of: uploadId)
        }
        underway += 1
      }

      for try await piece in source {
        var rest = piece[...]
        while !rest.isEmpty {
          let room = min(Int64(rest.count), partBytes - buffer.bytes)
          try buffer.add(rest.prefix(Int(room)))
          rest = rest.dropFirst(Int(room))
          guard buffer.bytes == partBytes else { continue }
          try await launch(buffer)
          number += 1
          buffer = try PartBuffer(partBytes, workFolder)
        }
      }
      if buffer.bytes > 0 || number == 1 { try await launch(buffer) }
      while let part = try await group.next() {
        parts.append(part)
        try await acknowledged(part)
      }
      return parts.sorted { $0.number < $1.number }
    }
  }
}
