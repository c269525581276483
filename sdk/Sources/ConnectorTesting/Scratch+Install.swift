import Foundation

extension Scratch {
  /// Puts a connector into the folder as an installation has it, `bin/NAME` and `connector.json`; the program's path, for
  /// `ConformanceKit`.
  ///
  /// - Parameters:
  ///   - program: The name of the program, which was built beside this test's own: an executable target that the test
  ///     target depends on.
  ///   - document: The path of its `connector.json`.
  public func install(_ program: String, document: String) throws -> String {
    let files = FileManager.default
    let built = try URL(filePath: files.destinationOfSymbolicLink(atPath: "/proc/self/exe")).deletingLastPathComponent()
    try files.createDirectory(atPath: file("bin"), withIntermediateDirectories: false)
    let path = file("bin/" + program)
    // A link: a copy would be open for writing in whatever another test starts at the same moment.
    try files.createSymbolicLink(atPath: path, withDestinationPath: built.appending(path: program).path)
    try files.copyItem(atPath: document, toPath: file("connector.json"))
    return path
  }
}
