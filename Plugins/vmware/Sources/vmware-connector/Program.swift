import ConnectorKit
import VMwareConnector

@main
enum Program {
  static func main() async {
    await ConnectorMain.run(VMwareConnector.self)
  }
}
