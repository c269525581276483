import Foundation
import Support

/// What `qemu-img info` says of one image, its backing file left closed.
struct ImageInfo: Decodable {
  var format: String
  var virtualSize: Int64
  var backingFilename: String?
  var encrypted: Bool?
  var specific: Specific?

  enum CodingKeys: String, CodingKey {
    case format, encrypted
    case virtualSize = "virtual-size"
    case backingFilename = "backing-filename"
    case specific = "format-specific"
  }

  struct Specific: Decodable {
    var data: Details?
  }

  struct Details: Decodable {
    var corrupt: Bool?
    var dataFile: String?
    var createType: String?
    var extents: [Extent]?

    enum CodingKeys: String, CodingKey {
      case corrupt, extents
      case dataFile = "data-file"
      case createType = "create-type"
    }
  }

  struct Extent: Decodable {
    var filename: String
  }

  /// Runs the tool under limits: a crafted image may ask for all memory or for ever.
  static func read(_ layer: ImageLayer) async throws(AscendError) -> ImageInfo {
    let name = BlockGraph.name(BlockGraph.node(of: layer, backing: nil))
    let result = try await Tool.run(
      "qemu-img", ["info", "--output=json", name], limits: .probe, maxOutputBytes: 16 << 20)
    guard result.exitCode == 0 else {
      throw AscendError(
        "disk.unreadable", "The image cannot be opened as \(layer.format)", object: layer.path,
        cause: QemuMessage.reason(result), remedy: "Take the image from another copy of the backup")
    }
    do {
      return try JSONDecoder().decode(ImageInfo.self, from: result.standardOutput)
    } catch {
      throw .wrapping(error, as: "tool.failed", "qemu-img described the image in an unknown way", object: layer.path)
    }
  }
}

/// qemu's messages, without the long node description that they repeat.
enum QemuMessage {
  static func reason(_ result: ToolResult) -> String {
    if result.exitCode >= 128 { return "qemu-img was ended by signal \(result.exitCode - 128)" }
    return reason(result.lastErrorLine)
  }

  static func reason(_ line: String) -> String {
    var text = Substring(line)
    if let end = text.range(of: "': ", options: .backwards) { text = text[end.upperBound...] }
    for prefix in ["qemu-img: ", "qemu-nbd: "] where text.hasPrefix(prefix) { text = text.dropFirst(prefix.count) }
    return String(text.prefix(500))
  }
}
