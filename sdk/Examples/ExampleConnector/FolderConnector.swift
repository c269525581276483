import ConnectorKit
import ConnectorProtocol
import Foundation

/// A platform that is a folder: a machine is a folder in it, with raw disks and a description.
struct FolderConnector: Connector {
  init(environment: ConnectorEnvironment) {}

  func validate(_ request: ConfigValidate) async throws -> ConfigValidate.Result {
    var diagnostics: [Diagnostic] = []
    _ = Settings(request.connection) { diagnostics.append($0) }
    return .init(diagnostics: diagnostics)
  }

  func open(_ request: SessionOpen) async throws -> (SessionOpen.Result, FolderSession) {
    let folder = try Settings.read(request.connection).folder
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw ConnectorError(
        .configInvalid, "There is no folder \(folder).", remedy: "Make it, or name another.", outcome: .none)
    }
    return (.init(endpoint: .init(product: "Folder", version: "1")), FolderSession(store: MachineStore(path: folder)))
  }
}

/// The configuration of a target.
struct Settings: ConnectorSettings {
  var folder = ""

  init(_ connection: JSONValue, report: (Diagnostic) -> Void) {
    for name in (connection.objectValue ?? [:]).keys.sorted() where name != "folder" { report(Self.unknown(name)) }
    guard let folder = connection["folder"].flatMap(Self.line), folder.hasPrefix("/") else {
      report(Self.problem("folder", "The folder is no absolute path.", action: "Write one that starts with '/'."))
      return
    }
    self.folder = folder
  }
}
