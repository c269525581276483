@testable import QEMUConnector

/// Runs a tool to its end; its exit and output.
@discardableResult
func tool(_ name: String, _ arguments: String..., in folder: String? = nil) async throws -> Tool {
  try await Tool.run(name, arguments, in: folder, seconds: 120)
}
