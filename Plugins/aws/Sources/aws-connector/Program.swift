import AWSConnector
import ConnectorKit

@main
enum Program {
  static func main() async {
    await ConnectorMain.run(AWSConnector.self)
  }
}
