import ArgumentParser
import ConnectorDisk
import ConnectorImages
import Foundation

/// Makes an image of an export, as a connector does, and writes it where it is told.
struct EncodeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "encode", abstract: "Make an image of an NBD export")

  enum Kind: String, ExpressibleByArgument, CaseIterable { case raw, vhd, vhdx, streamOptimized }

  @Argument var uri: String
  @Argument var kind: Kind
  @Option(help: "The file; without it the image is thrown away") var output: String?
  @Option(help: "Compression, 1 to 12") var level = 1
  @Flag(help: "Reckon the content digest on the way") var digest = false

  func run() async throws {
    let reader = try await DiskReader.open(uri)
    switch kind {
    case .raw: try await write(reader, RawEncoder(sizeBytes: reader.sizeBytes))
    case .vhd:
      var options = FixedVHDEncoder.Options()
      options.largestDisk = .max
      try await write(reader, FixedVHDEncoder(sizeBytes: reader.sizeBytes, options: options))
    case .vhdx: try await write(reader, DynamicVHDXEncoder(sizeBytes: reader.sizeBytes))
    case .streamOptimized:
      var options = StreamOptimizedEncoder.Options()
      options.compressionLevel = level
      try await write(reader, StreamOptimizedEncoder(sizeBytes: reader.sizeBytes, options: options))
    }
  }

  private func write(_ reader: DiskReader, _ encoder: some ImageEncoder) async throws {
    let image = encode(reader, as: encoder, contentDigest: digest)
    var file: FileHandle?
    if let output {
      guard FileManager.default.createFile(atPath: output, contents: nil) else {
        throw ValidationError("\(output) cannot be made")
      }
      file = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    }
    var end: UInt64 = 0
    for try await piece in image.pieces {
      end += UInt64(piece.count)
      guard let file else { continue }
      switch piece {
      case .bytes(let bytes): try file.write(contentsOf: bytes)
      case .zeros:
        try file.truncate(atOffset: end)
        try file.seek(toOffset: end)
      }
    }
    try file?.close()
    print(image.totals?.bytes ?? 0, image.totals?.content ?? "")
  }
}
