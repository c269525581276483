import ArgumentParser
import Disks
import Foundation

/// Converts a qcow2 that stands alone, as the host does for a platform that takes files only.
struct ConvertCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "convert", abstract: "Convert a qcow2 image")

  @Argument var source: String
  @Argument(help: "raw, qcow2, vmdk, vpc or vhdx") var format: String
  @Argument var output: String
  @Option(help: "The format's own word") var subformat: String?
  @Option(help: "zlib or zstd, of a qcow2") var compression: String?

  func run() async throws {
    let folder = (source as NSString).deletingLastPathComponent
    let chain = try await DiskChain.resolve([ImageLayer(path: source, format: .qcow2)], within: folder)
    let kind = ImageKind(ImageFormat(rawValue: format), subformat: subformat, compression: compression)
    let start = ContinuousClock.now
    try await DiskConversion.convert(
      chain, to: kind, at: output,
      log: { line in FileHandle.standardError.write(Data("\(line)\n".utf8)) })
    // What came before is the check of a backup, made once when it is added.
    print((ContinuousClock.now - start) / .seconds(1))
  }
}
