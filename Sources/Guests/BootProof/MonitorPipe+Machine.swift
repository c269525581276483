import ConnectorProtocol
import Foundation
import Support

/// What QEMU is asked about a machine.
extension MonitorPipe {
  /// What stands on the machine's screen; `folder` is where QEMU leaves it.
  func screen(in folder: String) async throws(AscendError) -> ScreenPicture? {
    let path = folder + "/screen.ppm"
    guard try await execute("screendump", ["filename": .string(path)]) != nil,
      let data = try? Data(contentsOf: URL(fileURLWithPath: path))
    else { return nil }
    return ScreenPicture(data)
  }

  /// The letters of a screen in the text mode of a PC.
  func text(in folder: String) async throws(AscendError) -> TextScreen? {
    let path = folder + "/screen.text"
    guard
      try await execute(
        "pmemsave",
        [
          "val": .integer(TextScreen.address), "size": .integer(Int64(TextScreen.bytes)), "filename": .string(path),
        ]) != nil, let memory = try? Data(contentsOf: URL(fileURLWithPath: path))
    else { return nil }
    return TextScreen(memory)
  }

  /// Bytes read and written by disk; nil where QEMU does not answer.
  func diskUse() async throws(AscendError) -> [Int: (read: Int64, written: Int64)]? {
    guard let list = try await execute("query-blockstats")?.arrayValue else { return nil }
    var use: [Int: (read: Int64, written: Int64)] = [:]
    for entry in list {
      guard let name = entry["device"]?.stringValue, name.hasPrefix("disk"), let index = Int(name.dropFirst(4)),
        let stats = entry["stats"]
      else { continue }
      use[index] = (stats["rd_bytes"]?.integerValue ?? 0, stats["wr_bytes"]?.integerValue ?? 0)
    }
    return use
  }
}
