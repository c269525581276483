import ConnectorKit

@main
struct ExampleProgram {
  static func main() async { await ConnectorMain.run(FolderConnector.self) }
}
