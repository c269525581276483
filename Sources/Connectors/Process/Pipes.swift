import CSpawn
import Glibc
import Support

/// Pipes that are closed again unless their ends are taken.
struct Pipes {
  private var owned: [Int32] = []

  mutating func make() throws(AscendError) -> (reading: Int32, writing: Int32) {
    var reading: Int32 = -1
    var writing: Int32 = -1
    let number = cspawn_pipe(&reading, &writing)
    guard number == 0 else { throw Self.failure(number) }
    owned += [reading, writing]
    return (reading, writing)
  }

  /// The end belongs to the caller from here on.
  mutating func take(_ end: Int32) -> Int32 {
    owned.removeAll { $0 == end }
    return end
  }

  mutating func closeAll() {
    for end in owned { close(end) }
    owned.removeAll()
  }

  static func failure(_ number: Int32) -> AscendError {
    AscendError(
      "connector.startFailed", "No pipe to the connector can be made", cause: String(cString: strerror(number)),
      remedy: "Raise the limit of open files (ulimit -n), or run fewer jobs at once")
  }
}
