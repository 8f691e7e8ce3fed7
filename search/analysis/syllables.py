"""The syllables of Mandarin in pinyin without tones, v for ü, and characters that are read in more than one way."""

SPOKEN = """
a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng
cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu
cuan cui cun cuo da dai dan dang dao de dei den deng di dia dian diao die ding diu dong dou du duan dui dun duo
e ei en eng er fa fan fang fei fen feng fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai
guan guang gui gun guo ha hai han hang hao he hei hen heng hng hong hou hu hua huai huan huang hui hun huo ji
jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke kei ken keng kong kou ku kua
kuai kuan kuang kui kun kuo la lai lan lang lao le lei len leng li lia lian liang liao lie lin ling liu lo long
lou lu luan lun luo lv lve ma mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai
nan nang nao ne nei nen neng ni nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve o ou pa pai pan
pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan
que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai
shan shang shao she shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui
sun suo ta tai tan tang tao te tei teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei
wen weng wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo
yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhei zhen zheng zhi
zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo
"""
SYLLABLES = frozenset(SPOKEN.split())
BEGINNINGS = frozenset(syllable[:length] for syllable in SYLLABLES for length in range(1, len(syllable) + 1))
# Characters that names of places, firms and trades use in more than one reading, with the readings.
OPEN_READINGS: dict[str, tuple[str, ...]] = {
    "重": ("zhong", "chong"), "行": ("xing", "hang"), "长": ("chang", "zhang"), "乐": ("le", "yue"), "会": ("hui", "kuai"),
    "参": ("can", "shen"), "朝": ("chao", "zhao"), "单": ("dan", "shan"), "厦": ("sha", "xia"), "都": ("du", "dou"),
    "调": ("diao", "tiao"), "曾": ("zeng", "ceng"), "解": ("jie", "xie"), "盛": ("sheng", "cheng"), "藏": ("cang", "zang"),
    "传": ("chuan", "zhuan"), "柏": ("bai", "bo"), "校": ("xiao", "jiao"), "率": ("lv", "shuai"), "佛": ("fo", "fu"),
    "铅": ("qian", "yan"), "圩": ("wei", "xu"), "尉": ("wei", "yu"), "仇": ("chou", "qiu"), "查": ("cha", "zha"),
}  # fmt: skip
