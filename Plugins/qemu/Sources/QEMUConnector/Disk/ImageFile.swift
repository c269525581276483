import ConnectorProtocol
import Foundation

/// An image file that the host offers: it must stand on its own and hold the disk that was planned.
struct ImageFile: Sendable {
  var path: String
  var format: String

  func check(size: Int64) async throws {
    var facts = stat()
    guard path.hasPrefix("/"), lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw ConnectorError(
        .sourceUnavailable, "\(path) is no regular file.", remedy: "The host offers the image again.", outcome: .partial
      )
    }
    if format == "raw" {
      guard Int64(facts.st_size) <= size else { throw unlike(size, Int64(facts.st_size)) }
      return
    }
    let tool: Tool
    do {
      tool = try await Tool.run("qemu-img", ["info", "-f", format, "--output=json", "--", path])
    } catch let error as SystemError {
      throw Failure.toolMissing("qemu-img", error)
    }
    guard tool.exit?.succeeded == true else { throw Failure.imageTool(path, tool.lastError) }
    let info = try JSONDecoder().decode(JSONValue.self, from: tool.output)
    // An image that points to other files would bring what they hold into the guest.
    let data = info["format-specific"]?["data"]
    for (name, pointer) in [("backing file", info["backing-filename"]), ("data file", data?["data-file"])]
    where pointer != nil {
      throw ConnectorError(
        .dataCorrupt, "The image \(path) has a \(name); it must stand on its own.",
        remedy: "Convert the image so that it holds everything itself.", outcome: .partial)
    }
    let virtual = info["virtual-size"]?.integerValue ?? -1
    guard virtual == size else { throw unlike(size, virtual) }
  }

  private func unlike(_ planned: Int64, _ found: Int64) -> ConnectorError {
    ConnectorError(
      .sourceChanged, "The image \(path) holds a disk of \(found) bytes; \(planned) were planned.",
      remedy: "Plan again with the disk as it is.", outcome: .partial)
  }
}
